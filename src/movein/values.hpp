// What stands in a document of MongoDB, as relaxed Extended JSON has it, in plain types. Only for this
// folder's own .cpp files.
#pragma once

#include "core/time.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace movein {

// "shipping.address.city" of the document; null if it isn't there or is null.
const boost::json::value* find_at(const boost::json::object& document, std::string_view path);

// A document's _id, or what refers to one: an ObjectId, a string, a number, or the whole document where
// Mongoose has put it in place. Empty: none of these.
std::string id_in(const boost::json::value& value);
std::optional<std::string> text_in(const boost::json::value& value);  // numbers and ObjectIds too
std::optional<double> number_in(const boost::json::value& value);     // texts that are one too
std::optional<bool> flag_in(const boost::json::value& value);
std::optional<core::Time> time_in(const boost::json::value& value);

// When an ObjectId was made, which its first four bytes tell.
std::optional<core::Time> time_of_object_id(std::string_view id);

}  // namespace movein
