//! The macros of uthash, utlist, utarray and utstring that the crate uses.

/// Those that are called as they are: the prototype gives the types.
pub const AS_THEY_ARE: &[&str] = &[
    "void utarray_init(UT_array *array, const UT_icd *element)",
    "void utarray_push_back(UT_array *array, const void *element)",
    "void utarray_pop_back(UT_array *array)",
    "void utarray_insert(UT_array *array, const void *element, unsigned int at)",
    "void utarray_erase(UT_array *array, unsigned int at, unsigned int count)",
    "void utarray_sort(UT_array *array, int (*compare)(const void *, const void *))",
    "unsigned int utarray_len(const UT_array *array)",
    "void *utarray_front(UT_array *array)",
    "void utarray_done(UT_array *array)",
    "void utstring_init(UT_string *string)",
    "void utstring_bincpy(UT_string *string, const void *bytes, size_t len)",
    "void utstring_concat(UT_string *to, const UT_string *from)",
    "void utstring_clear(UT_string *string)",
    "size_t utstring_len(const UT_string *string)",
    "char *utstring_body(const UT_string *string)",
    "void utstring_done(UT_string *string)",
];

/// Those that assign to an argument, name a member or loop: an expression of C, or a
/// statement, that uses them with types of one's own. `({ …; value; })` is an
/// expression that has statements in it.
pub const WITH_OWN_TYPES: &[(&str, &str)] = &[
    (
        "struct entry *map_find(struct entry *map, uint64_t key)",
        "({ struct entry *found; HASH_FIND(hh, map, &key, sizeof(key), found); found; })",
    ),
    (
        "void map_add(struct entry **map, struct entry *entry)",
        "HASH_ADD(hh, *map, key, sizeof(entry->key), entry)",
    ),
    (
        "/** Puts `entry` in the place of the one of its key, which it returns. */
         struct entry *map_replace(struct entry **map, struct entry *entry)",
        "({ struct entry *old; \
            HASH_REPLACE(hh, *map, key, sizeof(entry->key), entry, old); old; })",
    ),
    (
        "void map_delete(struct entry **map, struct entry *entry)",
        "HASH_DEL(*map, entry)",
    ),
    (
        "unsigned int map_count(struct entry *map)",
        "HASH_COUNT(map)",
    ),
    (
        "void map_sort(struct entry **map, \
                       int (*compare)(const struct entry *, const struct entry *))",
        "HASH_SORT(*map, compare)",
    ),
    (
        "/** Calls `visit` with each entry, which it may free. */
         void map_each(struct entry *map, void (*visit)(struct entry *, void *), void *context)",
        "struct entry *e, *next; HASH_ITER(hh, map, e, next) visit(e, context)",
    ),
    (
        "/** Forgets all entries, and frees none. */
         void map_clear(struct entry **map)",
        "HASH_CLEAR(hh, *map)",
    ),
    (
        "void list_append(struct node **list, struct node *node)",
        "DL_APPEND(*list, node)",
    ),
    (
        "void list_prepend(struct node **list, struct node *node)",
        "DL_PREPEND(*list, node)",
    ),
    (
        "void list_delete(struct node **list, struct node *node)",
        "DL_DELETE(*list, node)",
    ),
    (
        "struct node *list_search(struct node *list, int value)",
        "({ struct node *found; DL_SEARCH_SCALAR(list, found, value, value); found; })",
    ),
    (
        "int list_count(struct node *list)",
        "({ struct node *node; int count; DL_COUNT(list, node, count); count; })",
    ),
    (
        "void list_sort(struct node **list, \
                        int (*compare)(const struct node *, const struct node *))",
        "DL_SORT(*list, compare)",
    ),
    (
        "void stack_push(struct node **stack, struct node *node)",
        "LL_PREPEND(*stack, node)",
    ),
    (
        "/** Takes the node that was pushed last. */
         struct node *stack_pop(struct node **stack)",
        "({ struct node *top = *stack; if (top) LL_DELETE(*stack, top); top; })",
    ),
    (
        "/** Appends a number, as `%ld`. */
         void utstring_number(UT_string *string, long number)",
        // Not by `utstring_printf`: nothing inlines what takes variadic arguments.
        "({ char digits[24]; int length = snprintf(digits, sizeof(digits), \"%ld\", number); \
            utstring_bincpy(string, digits, length); })",
    ),
];
