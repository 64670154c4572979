// What a thread is called in `top -H` and in a debugger, and whether it stands back.
#pragma once

namespace core {

// For the calling thread, unless it is the program's first; of the name the first 15 letters count.
void name_thread(const char* name);
// The same for a thread whose work nobody waits for: on a busy machine those who are waited for go first.
void begin_background_thread(const char* name);

}  // namespace core
