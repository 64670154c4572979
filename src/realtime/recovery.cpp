#include "realtime/recovery.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"

namespace realtime {

Recovery::Recovery(const Limits& limits)
    : limits_(limits), prefix_(core::to_base64url(core::random_bytes<6>()) + ".") {}

void Recovery::log(
    Target target, TimePoint now,
    const std::function<std::shared_ptr<const Packets>(const std::string& offset)>& encode,
    const std::function<void(const std::shared_ptr<const Packets>&, std::uint64_t)>& hand_out) {
    std::lock_guard lock(mutex_);
    forget_old(now);
    auto packets = encode(prefix_ + std::to_string(++last_number_));
    std::size_t bytes = 0;
    for (const Packet& packet : *packets)
        bytes += packet->size();
    log_bytes_ += bytes;
    log_.push_back({now, std::move(target), packets, bytes});
    hand_out(packets, last_number_);
}

void Recovery::forget_old(TimePoint now) {
    TimePoint oldest = now - limits_.recovery;
    while (!log_.empty() && (log_.front().at < oldest || log_bytes_ > limits_.recovery_bytes_max)) {
        log_bytes_ -= log_.front().bytes;
        log_.pop_front();
    }
    while (!by_age_.empty() &&
           (by_age_.front().first < oldest || by_age_.size() > limits_.recovery_sessions_max)) {
        auto found = sessions_.find(by_age_.front().second);
        bool is_it = found != sessions_.end() && found->second.lost_at == by_age_.front().first;
        if (is_it) sessions_.erase(found);  // not one that came back and was lost again since
        by_age_.pop_front();
    }
}

void Recovery::keep(std::string private_id, Session session) {
    std::lock_guard lock(mutex_);
    forget_old(session.lost_at);
    by_age_.emplace_back(session.lost_at, private_id);
    sessions_.insert_or_assign(std::move(private_id), std::move(session));
}

std::optional<std::uint64_t> Recovery::number_of(std::string_view offset) const {
    if (!offset.starts_with(prefix_)) return {};
    offset.remove_prefix(prefix_.size());
    std::uint64_t number = 0;
    auto [end, failed] = std::from_chars(offset.data(), offset.data() + offset.size(), number);
    if (failed != std::errc{} || end != offset.data() + offset.size()) return {};
    return number;
}

std::optional<Recovery::Recovered> Recovery::take(const std::string& private_id, std::string_view offset,
                                                  const std::optional<core::UserId>& user, TimePoint now) {
    std::lock_guard lock(mutex_);
    forget_old(now);
    auto found = sessions_.find(private_id);
    auto number = number_of(offset);
    if (found == sessions_.end() || !number) return {};
    const Session& session = found->second;
    bool same_user = session.user.has_value() == user.has_value() && (!user || *user == *session.user);
    std::uint64_t first_number = last_number_ - log_.size() + 1;  // of the oldest event in the log
    bool all_there = *number <= last_number_ && *number + 1 >= first_number;
    if (!same_user || !all_there) return {};
    Recovered recovered{session, {}, last_number_};
    for (std::size_t i = static_cast<std::size_t>(*number + 1 - first_number); i < log_.size(); ++i) {
        if (log_[i].target.includes(session.id, session.rooms)) recovered.missed.push_back(log_[i].packets);
    }
    sessions_.erase(found);
    return recovered;
}

}  // namespace realtime
