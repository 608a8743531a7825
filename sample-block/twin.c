// SPDX-License-Identifier: GPL-2.0
/*
 * What answers a request, as it is written in C: src/device.rs, src/store.rs and
 * src/mq/request.rs once more, on the same memory, so that the two can be
 * compared. The parameter `answer` of the module chooses.
 */
#include <linux/blk-mq.h>
#include <linux/highmem.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/xarray.h>

struct twin_direction {
	u64 __percpu *requests;
	u64 __percpu *segments;
	u64 __percpu *bytes;
};

/* src/device.rs has the same, and checks that it is. */
struct twin_device {
	struct xarray pages;
	struct twin_direction reads;
	struct twin_direction writes;
	u64 __percpu *errors;
	u64 capacity;
};

static void twin_copy_from(struct twin_device *device, u64 position, char *to,
			   size_t len)
{
	while (len) {
		size_t offset = offset_in_page(position);
		size_t part = min_t(size_t, len, PAGE_SIZE - offset);
		struct page *page = xa_load(&device->pages,
					    position >> PAGE_SHIFT);

		if (page)
			memcpy_from_page(to, page, offset, part);
		else
			memset(to, 0, part);
		position += part;
		to += part;
		len -= part;
	}
}

static blk_status_t twin_read(struct twin_device *device, struct request *rq,
			      u64 position)
{
	struct req_iterator at;
	struct bio_vec segment;

	this_cpu_inc(*device->reads.requests);
	rq_for_each_segment(segment, rq, at) {
		void *to = bvec_kmap_local(&segment);

		twin_copy_from(device, position, to, segment.bv_len);
		kunmap_local(to);
		flush_dcache_page(segment.bv_page);
		this_cpu_inc(*device->reads.segments);
		this_cpu_add(*device->reads.bytes, segment.bv_len);
		position += segment.bv_len;
	}
	return BLK_STS_OK;
}

/* The page with a number, made when there is none. */
static struct page *twin_page(struct twin_device *device, unsigned long number)
{
	const gfp_t flags = GFP_NOIO | __GFP_NOWARN;
	struct page *page = xa_load(&device->pages, number);
	struct page *new;

	if (page)
		return page;
	new = alloc_page(flags | __GFP_ZERO);
	if (!new)
		return NULL;
	page = xa_cmpxchg(&device->pages, number, NULL, new, flags);
	if (!page)
		return new;
	__free_page(new);
	return xa_is_err(page) ? NULL : page;
}

static blk_status_t twin_write(struct twin_device *device, struct request *rq,
			       u64 position)
{
	struct req_iterator at;
	struct bio_vec segment;

	this_cpu_inc(*device->writes.requests);
	rq_for_each_segment(segment, rq, at) {
		char *from = bvec_kmap_local(&segment);
		size_t done = 0;

		while (done < segment.bv_len) {
			size_t offset = offset_in_page(position);
			size_t part = min_t(size_t, segment.bv_len - done,
					    PAGE_SIZE - offset);
			struct page *page = twin_page(device,
						      position >> PAGE_SHIFT);

			if (!page) {
				kunmap_local(from);
				return BLK_STS_IOERR;
			}
			memcpy_to_page(page, offset, from + done, part);
			position += part;
			done += part;
		}
		kunmap_local(from);
		this_cpu_inc(*device->writes.segments);
		this_cpu_add(*device->writes.bytes, segment.bv_len);
	}
	return BLK_STS_OK;
}

static blk_status_t twin_answer(struct twin_device *device, struct request *rq)
{
	u64 position = (u64)blk_rq_pos(rq) << SECTOR_SHIFT;
	u64 end;

	if (check_add_overflow(position, (u64)blk_rq_bytes(rq), &end) ||
	    end > device->capacity)
		return BLK_STS_IOERR;
	switch (req_op(rq)) {
	case REQ_OP_READ:
		return twin_read(device, rq, position);
	case REQ_OP_WRITE:
		return twin_write(device, rq, position);
	default:
		return BLK_STS_NOTSUPP;
	}
}

static blk_status_t twin_queue_rq(struct blk_mq_hw_ctx *queue,
				  const struct blk_mq_queue_data *what)
{
	struct request *rq = what->rq;
	struct twin_device *device = rq->q->queuedata;
	blk_status_t status;

	blk_mq_start_request(rq);
	status = twin_answer(device, rq);
	if (status != BLK_STS_OK)
		this_cpu_inc(*device->errors);
	blk_mq_end_request(rq, status);
	return BLK_STS_OK;
}

/* What every driver has to do, and nothing else: what is above it costs the rest. */
static blk_status_t twin_queue_nothing(struct blk_mq_hw_ctx *queue,
				       const struct blk_mq_queue_data *what)
{
	blk_mq_start_request(what->rq);
	blk_mq_end_request(what->rq, BLK_STS_OK);
	return BLK_STS_OK;
}

const struct blk_mq_ops twin_in_c = { .queue_rq = twin_queue_rq };
const struct blk_mq_ops twin_not_at_all = { .queue_rq = twin_queue_nothing };
