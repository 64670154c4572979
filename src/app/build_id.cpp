#include "app/build_id.hpp"

#include <elf.h>
#include <link.h>

#include <cstring>

namespace app {
namespace {

constexpr std::size_t aligned(std::size_t bytes) {
    constexpr std::size_t words = 4;  // notes are filled up to whole ones
    return (bytes + words - 1) / words * words;
}

constexpr std::string_view gnu{ELF_NOTE_GNU, sizeof ELF_NOTE_GNU};  // the name counts its zero

// Notes are a head, a name and what it describes, one behind the other.
std::string find_in_notes(const char* notes, std::size_t bytes) {
    for (std::size_t at = 0; at + sizeof(ElfW(Nhdr)) <= bytes;) {
        ElfW(Nhdr) head;
        std::memcpy(&head, notes + at, sizeof head);
        const char* name = notes + at + sizeof head;
        const char* told = name + aligned(head.n_namesz);
        if (head.n_type == NT_GNU_BUILD_ID && std::string_view(name, head.n_namesz) == gnu)
            return {told, head.n_descsz};
        at += sizeof head + aligned(head.n_namesz) + aligned(head.n_descsz);
    }
    return {};
}

// The program itself comes first, and is the only one that is looked at.
int look_at_program(dl_phdr_info* program, std::size_t, void* found) {
    for (const auto& segment : std::span(program->dlpi_phdr, program->dlpi_phnum)) {
        if (segment.p_type != PT_NOTE) continue;
        const auto at = program->dlpi_addr + segment.p_vaddr;
        const auto* notes =
            reinterpret_cast<const char*>(at);  // NOLINT(performance-no-int-to-ptr): so ELF says it
        auto id = find_in_notes(notes, segment.p_memsz);
        if (!id.empty()) *static_cast<std::string*>(found) = std::move(id);
    }
    return 1;
}

}  // namespace

std::string build_id() {
    std::string id;
    ::dl_iterate_phdr(look_at_program, &id);
    return id;
}

}  // namespace app
