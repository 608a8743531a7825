/* The loops of src/ in C. Both set the same memory up and do the same to it. */
#include <liburing.h>
#include <urcu/urcu-memb.h>
#include <xxhash.h>

#define ENTRIES 64

/* A ring in ordinary memory, with this loop in the kernel's place, so that what is
 * counted is the library's inline functions and no system call. */
unsigned long c_uring(unsigned long n)
{
	static struct io_uring_sqe sqes[ENTRIES];
	static struct io_uring_cqe cqes[ENTRIES];
	static char buffer[64];
	unsigned sq_head = 0, sq_tail = 0, sq_flags = 0, cq_head = 0, cq_tail = 0;
	struct io_uring ring = {
		.sq = { .khead = &sq_head, .ktail = &sq_tail, .kflags = &sq_flags, .sqes = sqes,
			.ring_mask = ENTRIES - 1, .ring_entries = ENTRIES },
		.cq = { .khead = &cq_head, .ktail = &cq_tail, .cqes = cqes,
			.ring_mask = ENTRIES - 1, .ring_entries = ENTRIES },
	};
	unsigned long sum = 0;

	for (unsigned long i = 0; i < n; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
		struct io_uring_cqe *cqe;

		if (!sqe)
			break;
		io_uring_prep_read(sqe, 3, buffer, sizeof buffer, i);
		io_uring_sqe_set_data64(sqe, i);
		cqes[cq_tail & (ENTRIES - 1)].user_data = sqe->user_data;
		__atomic_store_n(&sq_head, sq_head + 1, __ATOMIC_RELEASE);
		__atomic_store_n(&cq_tail, cq_tail + 1, __ATOMIC_RELEASE);
		if (io_uring_peek_cqe(&ring, &cqe))
			break;
		sum += io_uring_cqe_get_data64(cqe);
		io_uring_cqe_seen(&ring, cqe);
	}
	return sum;
}

unsigned long c_hash(unsigned long n)
{
	unsigned char key[16] = { 0 };
	unsigned long sum = 0;

	for (unsigned long i = 0; i < n; i++) {
		key[0] = (unsigned char)i;
		key[9] = (unsigned char)(i >> 8);
		sum += XXH64(key, 4 + (i & 7), sum);
	}
	return sum;
}

unsigned long c_rcu(unsigned long n)
{
	static const unsigned long value = 3;
	static const unsigned long *shared = &value;
	unsigned long sum = 0;

	urcu_memb_register_thread();
	for (unsigned long i = 0; i < n; i++) {
		urcu_memb_read_lock();
		sum += *rcu_dereference(shared) + i;
		urcu_memb_read_unlock();
	}
	urcu_memb_unregister_thread();
	return sum;
}
