// SPDX-License-Identifier: GPL-2.0
/*
 * The loops of src/loops.rs as they are written in C, with what C has for it:
 * no helper, only the kernel's own inline functions and macros. They are
 * compiled, optimized and linked with the Rust loops.
 */
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/file.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timex.h>
#include <linux/uaccess.h>

/*
 * What the processor counts for everyone. QEMU has it count instructions when it
 * is told to.
 */
__rust_helper u64 rust_helper_get_cycles(void)
{
	return get_cycles();
}

/* As many pages of the disk are read: PLACES of src/abi.rs. */
enum { BENCH_PLACES = 256 };

/* Two instructions for each round, whatever a compiler thinks. */
noinline void bench_two_instructions(unsigned int rounds)
{
#if defined(CONFIG_X86_64)
	asm volatile("1:\tdecl %0\n\tjnz 1b" : "+r"(rounds) : : "cc");
#elif defined(CONFIG_ARM64)
	asm volatile("1:\tsubs %w0, %w0, #1\n\tb.ne 1b" : "+r"(rounds) : : "cc");
#else
#error "no loop of two instructions for this architecture"
#endif
}

noinline unsigned int bench_refcount(refcount_t *taken, refcount_t *given,
				     unsigned int rounds)
{
	unsigned int round, last = 0;

	for (round = 0; round < rounds; round++) {
		refcount_inc(taken);
		if (refcount_dec_and_test(given))
			last++;
	}
	return last;
}

noinline void bench_atomic(atomic_t *sum, unsigned int rounds)
{
	unsigned int round;

	for (round = 0; round < rounds; round++)
		atomic_add(3, sum);
}

struct bench_locked {
	spinlock_t lock;
	u64 number;
};

noinline void bench_spin_lock(struct bench_locked *locked, unsigned int rounds)
{
	unsigned int round;

	for (round = 0; round < rounds; round++) {
		spin_lock(&locked->lock);
		locked->number++;
		spin_unlock(&locked->lock);
	}
}

struct bench_object {
	refcount_t count;
	struct list_head links;
	u64 number;
};

/* Returns the sum of what was taken out. */
noinline u64 bench_list(struct list_head *head, struct bench_object *object,
			unsigned int rounds)
{
	unsigned int round;
	u64 sum = 0;

	for (round = 0; round < rounds; round++) {
		list_add_tail(&object->links, head);
		if (list_empty(head))
			return 0;
		object = list_first_entry(head, struct bench_object, links);
		list_del(&object->links);
		sum += object->number;
	}
	return sum;
}

/* Returns the sum of what was in the boxes; less when there was no memory. */
noinline u64 bench_kmalloc(unsigned int rounds)
{
	unsigned int round;
	u64 sum = 0;

	for (round = 0; round < rounds; round++) {
		u64 *number = kmalloc(sizeof(*number), GFP_KERNEL);

		if (!number)
			return sum;
		*number = 1;
		sum += *number;
		kfree(number);
	}
	return sum;
}

struct bench_record {
	u64 round;
	u64 more[3];
};

/* Returns how many rounds went well. */
noinline unsigned int bench_copy_to_user(struct bench_record __user *to,
					 struct bench_record *record,
					 unsigned int rounds)
{
	unsigned int round;

	for (round = 0; round < rounds; round++) {
		record->round = round;
		if (copy_to_user(to, record, sizeof(*record)))
			return round;
	}
	return round;
}

noinline void bench_per_cpu(u64 __percpu *counter, unsigned int rounds)
{
	unsigned int round;

	for (round = 0; round < rounds; round++)
		this_cpu_inc(*counter);
}

/*
 * Reads a page from the disk that is open as `fd`, from another place in each
 * round, and copies the last one to `to`. Returns how many rounds went well. This
 * is what is above the driver, and the same for all.
 */
noinline unsigned int bench_block_read(int fd, void __user *to,
				       unsigned int rounds)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct file *file = fget(fd);
	unsigned int round = 0;

	if (!page || !file || !S_ISBLK(file_inode(file)->i_mode))
		goto out;
	for (; round < rounds; round++) {
		struct bio_vec memory;
		struct bio bio;
		int error;

		bio_init(&bio, I_BDEV(file->f_mapping->host), &memory, 1,
			 REQ_OP_READ);
		bio.bi_iter.bi_sector = (round % BENCH_PLACES) * PAGE_SECTORS;
		__bio_add_page(&bio, page, PAGE_SIZE, 0);
		error = submit_bio_wait(&bio);
		bio_uninit(&bio);
		if (error)
			goto out;
	}
	if (copy_to_user(to, page_address(page), PAGE_SIZE))
		round = 0;
out:
	if (file)
		fput(file);
	if (page)
		__free_page(page);
	return round;
}
