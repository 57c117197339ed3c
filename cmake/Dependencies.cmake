# Finds what the server links and hides where it came from behind tl::* targets.
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(BROTLIENC REQUIRED IMPORTED_TARGET libbrotlienc)
pkg_check_modules(BROTLIDEC REQUIRED IMPORTED_TARGET libbrotlidec)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(PSL REQUIRED IMPORTED_TARGET libpsl)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(MMDB REQUIRED IMPORTED_TARGET libmaxminddb)
pkg_check_modules(IDN2 REQUIRED IMPORTED_TARGET libidn2)
find_path(TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)
find_path(CLI11_INCLUDE CLI/CLI.hpp REQUIRED)
find_package(spdlog REQUIRED)

# libphonenumber ships no CMake or pkg-config file in Debian.
find_library(PHONENUMBER_LIBRARY phonenumber REQUIRED)
add_library(tl_phonenumber INTERFACE)
target_link_libraries(tl_phonenumber INTERFACE ${PHONENUMBER_LIBRARY})
add_library(tl::phonenumber ALIAS tl_phonenumber)

# cpp-httplib header-only: what tools/setup fetched from Debian testing, else a newer installed one.
find_path(HTTPLIB_INCLUDE httplib.h
  PATHS ${CMAKE_SOURCE_DIR}/build/deps/cpp-httplib NO_DEFAULT_PATH)
find_path(HTTPLIB_INCLUDE httplib.h REQUIRED)
file(STRINGS ${HTTPLIB_INCLUDE}/httplib.h httplib_version REGEX "define CPPHTTPLIB_VERSION \"")
string(REGEX MATCH "[0-9]+\\.[0-9]+" httplib_version "${httplib_version}")
if(httplib_version VERSION_LESS 0.41)
  message(FATAL_ERROR "cpp-httplib ${httplib_version} at ${HTTPLIB_INCLUDE} is too old (open CVEs, "
    "44 ms an answer): run tools/setup, which fetches 0.41 or newer")
endif()
add_library(tl_httplib INTERFACE)
target_include_directories(tl_httplib SYSTEM INTERFACE ${HTTPLIB_INCLUDE})
target_compile_definitions(tl_httplib INTERFACE CPPHTTPLIB_OPENSSL_SUPPORT)
target_link_libraries(tl_httplib INTERFACE OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
add_library(tl::httplib ALIAS tl_httplib)
