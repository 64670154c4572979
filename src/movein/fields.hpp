// Members of one document by what they mean, and what is wrong or odd about them. Only for this folder's own
// .cpp files.
#pragma once

#include "movein/mapping.hpp"
#include "movein/values.hpp"

#include <boost/json/object.hpp>

namespace movein {

struct Remark {
    std::string code;
    std::string message;
};

struct Remarks {
    std::vector<Remark> errors;  // with any of these the document doesn't come in
    std::vector<Remark> notes;
};

class Fields {
public:
    Fields(const boost::json::object& document, const Names& names, Remarks& remarks)
        : document_(document), names_(names), remarks_(remarks) {}

    // The first of its names that has such a value. What is there and of another type is an error, unless
    // another name has one.
    std::string text(std::string_view member) const;  // trimmed; empty if there is none
    std::optional<double> number(std::string_view member) const;
    std::optional<std::int64_t> units(std::string_view member) const;  // whole, not below 0
    std::optional<bool> flag(std::string_view member) const;
    std::optional<core::Time> time(std::string_view member) const;
    std::string id(std::string_view member) const;
    const boost::json::object* object(std::string_view member) const;

    // The first value of whatever type; null if there is none.
    const boost::json::value* any(std::string_view member) const;
    // The same as a list: what isn't one is its only item.
    std::vector<const boost::json::value*> list(std::string_view member) const;
    // Only if it is a list of documents.
    std::vector<const boost::json::object*> documents(std::string_view member) const;

    void error(std::string code, std::string message) const;
    void note(std::string code, std::string message) const;
    Remarks& remarks() const { return remarks_; }

private:
    template <class Read>
    auto read(std::string_view member, const char* expected, Read read) const;

    const boost::json::object& document_;
    const Names& names_;
    Remarks& remarks_;
};

// How a dump's prices become ours.
struct Pricing {
    core::Currency currency;
    PriceUnit unit = PriceUnit::major;
};
// {"amount": 1999, "currency": "EUR"}. A double is the nearest to what was meant: it is rounded to the minor
// unit, which is told where it makes a difference that somebody can see. Empty, with an error, below 0 or
// beyond all measure.
std::optional<boost::json::object> money(const Fields& fields, std::string_view member,
                                         const Pricing& pricing);
// The document's own currency, else the mapping's.
Pricing pricing_of(const Fields& fields, const Mapping& mapping);

}  // namespace movein
