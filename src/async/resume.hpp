// How a thread that has an answer gives it back to the event loop that waits for it.
#pragma once

#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <utility>

namespace async {

// Calls resume() on the loop of `home`. The answer may be all that the loop still runs for: it is kept
// running, and so alive, until post() has done touching it.
template <class Executor, class F>
void resume_on(const Executor& home, F resume) {
    auto loop = boost::asio::prefer(home, boost::asio::execution::outstanding_work.tracked);
    boost::asio::post(loop, std::move(resume));
}

}  // namespace async
