// A file that is part of the program, so that its pages work without the internet and without a folder beside
// it. Kept gzipped: a client that can't unpack gets it unpacked.
#pragma once

#include "http/message.hpp"

#include <span>
#include <string_view>

namespace http {

struct Asset {
    std::string_view content_type;
    std::span<const unsigned char> gzipped;  // lives as long as the program
};

inline constexpr std::string_view html = "text/html; charset=utf-8";
inline constexpr std::string_view stylesheet = "text/css; charset=utf-8";
inline constexpr std::string_view script = "text/javascript; charset=utf-8";

Reply asset_reply(const Asset& asset, std::string_view content_security_policy);

}  // namespace http

// Declares `symbol` and `symbol_end` around the bytes of the gzipped file at `path`. The assembler includes
// it as it is: as an array in C++ half a megabyte would take the compiler seconds. At file scope.
// NOLINTBEGIN(bugprone-macro-parentheses): a name that is declared takes none
#define KONTOR_EMBED(symbol, path)                                                     \
    __asm__(".pushsection .rodata\n.global " #symbol "\n" #symbol ":\n.incbin \"" path \
            "\"\n.global " #symbol "_end\n" #symbol "_end:\n.byte 0\n.popsection\n");  \
    extern "C" const unsigned char symbol[];                                           \
    extern "C" const unsigned char symbol##_end[]
// NOLINTEND(bugprone-macro-parentheses)
