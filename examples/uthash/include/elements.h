/* What the macros work on, which is the user's own: elements with a place for
 * uthash's and utlist's pointers. Everything else comes from the library. */
#include <stdint.h>
#include <utarray.h>
#include <uthash.h>
#include <utlist.h>
#include <utstring.h>

struct entry {
	uint64_t key, value;
	UT_hash_handle hh;
};

struct node {
	int value;
	struct node *prev, *next;
};
