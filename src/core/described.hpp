// Walking the members of a struct that Boost.Describe knows: the one declaration that JSON, OpenAPI, query
// strings and database rows all follow.
#pragma once

#include "core/patch.hpp"

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace core {

template <class T>
concept Described =
    boost::describe::has_describe_members<std::remove_const_t<T>>::value && !std::is_union_v<T>;

template <class T>
concept DescribedEnum = boost::describe::has_describe_enumerators<T>::value;

template <class T>
using Members =
    boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

// Calls visit(name, member) for each member in the order of its declaration.
template <Described T, class Visit>
void for_each_member(T& object, Visit&& visit) {
    boost::mp11::mp_for_each<Members<std::remove_const_t<T>>>(
        [&](auto member) { visit(member.name, object.*member.pointer); });
}

template <Described T>
constexpr std::size_t member_count = boost::mp11::mp_size<Members<T>>::value;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_patch = false;
template <class T>
inline constexpr bool is_patch<Patch<T>> = true;

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

// One of several structs, as an answer that depends on what happened: oneOf in the OpenAPI document.
template <class T>
inline constexpr bool is_variant = false;
template <class... Ts>
inline constexpr bool is_variant<std::variant<Ts...>> = true;

template <class T>
inline constexpr bool is_text_map = false;
template <class T>
inline constexpr bool is_text_map<std::map<std::string, T>> = true;

// A value with a text form: ids, Email, Text<…>, Currency…
template <class T>
concept TextValue = requires(const T& value) {
    T::from_text(std::string_view{});
    { value.text() } -> std::convertible_to<std::string_view>;
};
// A value read from text that is never written (passwords).
template <class T>
concept SecretValue = requires(const T& value) {
    T::from_text(std::string_view{});
    value.reveal();
};
template <class T>
concept IntegerValue = requires { T::from_integer(std::int64_t{}); };

// Members that a request may leave out: what they are then is their empty state.
template <class T>
inline constexpr bool may_be_absent =
    is_optional<T> || is_patch<T> || is_vector<T> || is_text_map<T> || std::is_same_v<T, bool>;

}  // namespace core
