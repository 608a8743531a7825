// SPDX-License-Identifier: GPL-2.0
/*
 * Block devices on blk-mq: the disk, its requests, and the memory that they are
 * about. What differs between kernels is decided here, from their headers.
 */
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/bvec.h>
#include <linux/highmem.h>
#include <linux/string.h>
#include <linux/version.h>

/* These carry a cast for sparse, see helpers.h. */
static const u8 rust_const_blk_sts_ok __maybe_unused = (__force u8)BLK_STS_OK;
static const u8 rust_const_blk_sts_notsupp __maybe_unused = (__force u8)BLK_STS_NOTSUPP;
static const u8 rust_const_blk_sts_resource __maybe_unused = (__force u8)BLK_STS_RESOURCE;
static const u8 rust_const_blk_sts_ioerr __maybe_unused = (__force u8)BLK_STS_IOERR;
static const u32 rust_const_req_op_read __maybe_unused = (__force u32)REQ_OP_READ;
static const u32 rust_const_req_op_write __maybe_unused = (__force u32)REQ_OP_WRITE;

/* From 6.14 on, requests are merged unless a driver says otherwise. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
static const u32 rust_const_blk_mq_f_should_merge __maybe_unused = 0;
#else
static const u32 rust_const_blk_mq_f_should_merge __maybe_unused = BLK_MQ_F_SHOULD_MERGE;
#endif

/*
 * The macro has a static in it, whose symbol is named after the function around
 * it. A function of its own keeps the helpers' prefix for helpers alone.
 *
 * From 6.9 on the limits are given before the disk is made.
 */
static __always_inline struct gendisk *
helper_blk_mq_alloc_disk(struct blk_mq_tag_set *set, unsigned int block_size,
			 void *data)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
	struct queue_limits limits = {
		.logical_block_size = block_size,
		.physical_block_size = block_size,
	};
	struct gendisk *disk = blk_mq_alloc_disk(set, &limits, data);
#else
	struct gendisk *disk = blk_mq_alloc_disk(set, data);

	if (!IS_ERR(disk)) {
		blk_queue_logical_block_size(disk->queue, block_size);
		blk_queue_physical_block_size(disk->queue, block_size);
	}
#endif
#ifdef QUEUE_FLAG_NONROT
	/* From 6.11 on no disk rotates unless it says so. */
	if (!IS_ERR(disk))
		blk_queue_flag_set(QUEUE_FLAG_NONROT, disk->queue);
#endif
	return disk;
}

__rust_helper struct gendisk *
rust_helper_blk_mq_alloc_disk(struct blk_mq_tag_set *set,
			      unsigned int block_size, void *data)
{
	return helper_blk_mq_alloc_disk(set, block_size, data);
}

/* Negative when the name does not fit. */
__rust_helper ssize_t rust_helper_disk_set_name(struct gendisk *disk,
						const char *name)
{
	return strscpy(disk->disk_name, name, DISK_NAME_LEN);
}

__rust_helper void
rust_helper_disk_set_fops(struct gendisk *disk,
			  const struct block_device_operations *fops)
{
	disk->fops = fops;
}

__rust_helper int rust_helper_add_disk(struct gendisk *disk)
{
	return add_disk(disk);
}

__rust_helper long rust_helper_disk_err(const struct gendisk *disk)
{
	return PTR_ERR_OR_ZERO(disk);
}

/* What was given to blk_mq_alloc_disk(). */
__rust_helper void *rust_helper_rq_queuedata(const struct request *rq)
{
	return rq->q->queuedata;
}

__rust_helper u32 rust_helper_req_op(const struct request *rq)
{
	return (__force u32)req_op(rq);
}

__rust_helper u64 rust_helper_blk_rq_pos(const struct request *rq)
{
	return blk_rq_pos(rq);
}

__rust_helper unsigned int rust_helper_blk_rq_bytes(const struct request *rq)
{
	return blk_rq_bytes(rq);
}

/*
 * rq_for_each_segment() in two steps: to before the first segment, and to the
 * next one, if there is one.
 */
__rust_helper void rust_helper_rq_segments_begin(struct request *rq,
						 struct req_iterator *at)
{
	at->bio = rq->bio;
	if (at->bio)
		at->iter = at->bio->bi_iter;
}

__rust_helper bool rust_helper_rq_segments_next(struct req_iterator *at,
						struct bio_vec *segment)
{
	while (at->bio) {
		if (at->iter.bi_size) {
			*segment = bio_iter_iovec(at->bio, at->iter);
			bio_advance_iter_single(at->bio, &at->iter,
						segment->bv_len);
			return true;
		}
		at->bio = at->bio->bi_next;
		if (at->bio)
			at->iter = at->bio->bi_iter;
	}
	return false;
}

__rust_helper void *rust_helper_bvec_kmap_local(struct bio_vec *segment)
{
	return bvec_kmap_local(segment);
}

__rust_helper void rust_helper_flush_dcache_page(struct page *page)
{
	flush_dcache_page(page);
}
