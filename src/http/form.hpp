// multipart/form-data (RFC 7578) in an upload's file: where its parts lie. Nothing is copied.
#pragma once

#include "http/upload.hpp"

#include <string>
#include <vector>

namespace http {

struct FormPart {
    std::string name;
    std::uint64_t offset = 0;  // of its content in the upload
    std::uint64_t size = 0;
};

// Errors: validation_failed with what is wrong with the form.
core::Result<std::vector<FormPart>> read_form(const Upload& upload, std::string_view content_type);

// The part of that name, or null.
const FormPart* find_part(const std::vector<FormPart>& parts, std::string_view name);

// A part's content as text, if it has at most `bytes_max`.
std::optional<std::string> text_of(const Upload& upload, const FormPart& part, std::size_t bytes_max);

}  // namespace http
