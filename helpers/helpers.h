/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every helper source here starts from.
 *
 * A helper is an ordinary function with external linkage around one kernel
 * inline or macro, which Rust cannot call by itself. All sources are included
 * into one C unit, as the kernel's own rust/helpers/helpers.c does, so a
 * source must define nothing that could clash: no file-level macro, and a
 * static only with its subsystem in the name.
 *
 * Names are rust_helper_<kernel name>; Rust sees them without the prefix.
 * A macro over many types carries the type: READ_ONCE() is read_once_u32().
 */
#ifndef HELPERS_H
#define HELPERS_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/types.h>

/*
 * Stands before each helper, and is empty: linkage and inlining are decided
 * where the bitcode is linked, not here. It marks what is a helper for the
 * reader and for anyone who wants to set an attribute on all of them.
 */
#ifndef __rust_helper
#define __rust_helper
#endif

/* No header declares a helper: bindgen reads the definitions. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

/*
 * Macros with a cast in them are no constants to bindgen. These are, and cost
 * nothing in the object.
 */
static const gfp_t rust_const_gfp_kernel __maybe_unused = GFP_KERNEL;
static const gfp_t rust_const_gfp_noio __maybe_unused = GFP_NOIO;
static const gfp_t rust_const_gfp_nowarn __maybe_unused = __GFP_NOWARN;
static const gfp_t rust_const_gfp_zero __maybe_unused = __GFP_ZERO;
static const gfp_t rust_const_gfp_atomic __maybe_unused = GFP_ATOMIC;
static const unsigned long rust_const_page_size __maybe_unused = PAGE_SIZE;

#endif /* HELPERS_H */
