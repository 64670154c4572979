#include "http/asset.hpp"

#include "http/gzip.hpp"

namespace http {

Reply asset_reply(const Asset& asset, std::string_view content_security_policy) {
    Reply reply = Reply::json(200, gunzipped(asset.gzipped));
    reply.content_type = asset.content_type;
    reply.gzipped_body = std::make_shared<const std::string>(asset.gzipped.begin(), asset.gzipped.end());
    reply.content_security_policy = content_security_policy;
    reply.tag();
    return reply;
}

}  // namespace http
