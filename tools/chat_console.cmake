# The files behind src/chat/console.cpp: the page of src/chat/console, its TypeScript and socket.io-client made into one
# script by esbuild, each gzipped.
set(ESBUILD ${CMAKE_SOURCE_DIR}/node_modules/.bin/esbuild)
if(NOT EXISTS ${ESBUILD} OR NOT EXISTS ${CMAKE_SOURCE_DIR}/node_modules/socket.io-client)
  message(FATAL_ERROR "The chat's page needs npm packages that are not installed yet. Run ./dev build")
endif()

set(CONSOLE_SOURCE ${CMAKE_SOURCE_DIR}/src/chat/console)
set(CONSOLE_DIR ${CMAKE_BINARY_DIR}/generated/chat_console)
file(MAKE_DIRECTORY ${CONSOLE_DIR})
file(GLOB CONSOLE_SCRIPTS CONFIGURE_DEPENDS ${CONSOLE_SOURCE}/*.ts)
add_custom_command(
  OUTPUT ${CONSOLE_DIR}/console.js
  COMMAND ${ESBUILD} ${CONSOLE_SOURCE}/main.ts --bundle --minify --target=es2020 --legal-comments=none
          --log-level=warning --outfile=${CONSOLE_DIR}/console.js
  DEPENDS ${CONSOLE_SCRIPTS} ${CMAKE_SOURCE_DIR}/package-lock.json)
set(CONSOLE_GZIPPED)
foreach(file ${CONSOLE_SOURCE}/index.html ${CONSOLE_SOURCE}/console.css ${CONSOLE_DIR}/console.js)
  get_filename_component(name ${file} NAME)
  add_custom_command(OUTPUT ${CONSOLE_DIR}/${name}.gz COMMAND gzip -9nc ${file} > ${CONSOLE_DIR}/${name}.gz DEPENDS ${file})
  list(APPEND CONSOLE_GZIPPED ${CONSOLE_DIR}/${name}.gz)
endforeach()
set_source_files_properties(src/chat/console.cpp PROPERTIES OBJECT_DEPENDS "${CONSOLE_GZIPPED}"
                            COMPILE_DEFINITIONS KONTOR_CHAT_DIR="${CONSOLE_DIR}" SKIP_PRECOMPILE_HEADERS ON)
