__attribute__((noinline)) static int version(void) { return 1; }
int rust_helper_version(void) { return version(); }
/* With the prefix, and no helpers. */
int rust_helper_state = 5;
int rust_helper_callback(int x);
/* Calls of other helpers, and what assembly, an alias and a strong definition are bound to. */
int rust_helper_twice(void) { return rust_helper_version() * 2 + rust_helper_callback(rust_helper_state); }
int rust_helper_target(void) { return 7; }
int rust_helper_other(void) __attribute__((alias("rust_helper_target")));
__attribute__((weak)) int rust_helper_weak(void) { return rust_helper_other(); }
int rust_helper_target_by_name(void) { return 9; }
