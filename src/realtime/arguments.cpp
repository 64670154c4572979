#include "realtime/arguments.hpp"

namespace realtime {

void Arguments::add_attachment(const Bytes& bytes) {
    json += R"({"_placeholder":true,"num":)";
    core::write_json_integer(json, static_cast<std::int64_t>(attachments.size()));
    json += '}';
    attachments.push_back(bytes);
}

Arguments Arguments::forwarded(const boost::json::array& array, const Attachments& attachments,
                               std::size_t first) {
    Arguments all;
    for (std::size_t i = first; i < array.size(); ++i)
        all.add(array[i]);
    all.attachments = attachments;
    return all;
}

}  // namespace realtime
