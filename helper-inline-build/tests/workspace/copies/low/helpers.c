/* One helper, at least, of each kind whose copy could be told from the original. */
#include <stdio.h>
#include <stdlib.h>
/* Labels. */
int rust_helper_run(const unsigned char *pc) {
  static const void *const t[] = { &&inc, &&dbl, &&end };
  int acc = 1; goto *t[*pc++];
inc: acc += 1; goto *t[*pc++];
dbl: acc *= 2; goto *t[*pc++];
end: return acc;
}
static int nested(const unsigned char *pc) {
  const void *outer[] = { &&add, &&in, &&end }; static int total; int acc = 0;
  goto *outer[*pc++];
add: acc += 3; goto *outer[*pc++];
in: acc += rust_helper_run(pc); pc += 2; goto *outer[*pc++];
end: return acc + ++total;
}
int rust_helper_nested(const unsigned char *pc) { return nested(pc) * 10; }
/* Replaceable. */
__attribute__((weak)) int rust_helper_weak(int x) { return x + 1; }
__attribute__((weak)) const int weak_const = 5;
int rust_helper_weak_const(void) { return weak_const; }
extern int optional(int) __attribute__((weak));
static __attribute__((weakref("optional"))) int ref(int);
extern int missing(int) __attribute__((weak));
int rust_helper_optional(int x) { return (optional ? optional(x) : -1) + (ref ? ref(x) : -2) + (missing ? 1000 : 0); }
/* Addresses. */
typedef int (*callback)(int);
static callback callbacks[4]; static int count;
int rust_helper_one(int x) { return x + 1; }
int rust_helper_two(int x) { return x + 2; }
static int below(int x) { return x * 5; }
callback rust_helper_below(void) { return below; }
int rust_helper_is_below(callback f) { return f == below; }
void rust_helper_register(callback f) { callbacks[count++] = f; }
int rust_helper_unregister(callback f) {
  for (int i = 0; i < count; i++) if (callbacks[i] == f) { callbacks[i] = callbacks[--count]; return 1; }
  return 0;
}
int rust_helper_has_one(void) { for (int i = 0; i < count; i++) if (callbacks[i] == rust_helper_one) return 1; return 0; }
static const callback table[] = { rust_helper_one, rust_helper_two, below };
int rust_helper_index(callback f) { for (int i = 0; i < 3; i++) if (table[i] == f) return i; return -1; }
int rust_helper_compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
void rust_helper_sort(int *v, size_t n) { qsort(v, n, sizeof *v, rust_helper_compare); }
/* Other names. */
int rust_helper_strong(int x) { return x + 7; }
int rust_helper_alias(int x) __attribute__((alias("rust_helper_strong")));
static int local_alias(int x) __attribute__((alias("below")));
int rust_helper_local_alias(int x) { return local_alias(x); }
int v = 3; extern int v_alias __attribute__((alias("v")));
int rust_helper_both(int x) { v = x; v_alias = x + 1; return v * 10 + v_alias; }
int rust_helper_get_v(void) { return v; }
void rust_helper_set_v(int x) { v_alias = x; }
int rust_helper_same(void) { return rust_helper_alias == rust_helper_strong; }
/* Chosen at the start. */
static int chosen(int x) { return x - 1; }
static void *choose(void) { return chosen; }
int rust_helper_chosen(int) __attribute__((ifunc("choose")));
__attribute__((target_clones("avx2", "default"))) int clones(int x) { return x * 3; }
int rust_helper_clones(int x) { return clones(x); }
/* Assembly. */
static int asm_count __attribute__((used)) = 5;
int rust_helper_asm_inc(void) { int r; __asm__ volatile("incl asm_count(%%rip)\n\tmovl asm_count(%%rip), %0" : "=r"(r) : : "memory", "cc"); return r; }
int rust_helper_asm_get(void) { return *(volatile int *)&asm_count; }
int rust_helper_label(int x) { __asm__ volatile("here_it_is: nop" ::: "memory"); return x + 1; }

static int for_asm(int x) { return x + 40; }
static int (*volatile keep)(int) __attribute__((used)) = for_asm;
__asm__(".text\nasm_triple: leal (%rdi,%rdi,2), %eax\n\tret\n.globl asm_global\nasm_global: jmp for_asm\n");
int asm_triple(int); int asm_global(int);
int rust_helper_triple(int x) { return asm_triple(x); }
int rust_helper_asm_global(int x) { return asm_global(x); }
/* Before and after. */
static int ready;
__attribute__((constructor(200))) static void first(void) { ready = 40; }
__attribute__((constructor)) static void then(void) { ready += 2; }
__attribute__((destructor)) static void down(void) { printf("down %d\n", ready); }
__attribute__((destructor(300))) static void last(void) { printf("last\n"); }
int rust_helper_ready(void) { return ready; }
__attribute__((constructor)) void rust_helper_up(void) { count += 0; ready += 100; }
static __thread int local_count;
int rust_helper_thread(void) { return ++local_count; }
/* In each frame of a recursive function it would take more than there is. */
int rust_helper_large(int v) { char p[60000]; int s = 0; __builtin_memset(p, v, sizeof p); for (int i = 0; i < 60000; i += 4096) s += p[i]; __asm__ volatile("" :: "r"(p) : "memory"); return s; }
