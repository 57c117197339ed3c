# TL_SANITIZE=address,undefined (preset asan) or thread (preset tsan) for every target.
if(TL_SANITIZE)
  add_compile_options(-fsanitize=${TL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TL_SANITIZE})
endif()
# What the libraries ran is what libFuzzer learns from.
if(TL_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
