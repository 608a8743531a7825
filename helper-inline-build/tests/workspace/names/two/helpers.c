__attribute__((noinline)) static int version(void) { return 2; }
int rust_helper_version(void) { return version(); }
