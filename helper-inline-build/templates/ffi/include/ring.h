/* Stands for the header of a C library: all of it is inline functions and a macro. */
#ifndef RING_H
#define RING_H

#define RING_SIZE 8
#define RING_MASK(ring) ((unsigned int)(sizeof((ring)->slots) / sizeof((ring)->slots[0]) - 1))

/* Numbers in the order in which they came. */
struct ring {
	unsigned int head, tail;
	unsigned int slots[RING_SIZE];
};

/* How many numbers are in it. */
static inline unsigned int ring_len(const struct ring *ring)
{
	return ring->head - ring->tail;
}

/* Adds a number; 0 when it is full. */
static inline int ring_push(struct ring *ring, unsigned int value)
{
	if (ring_len(ring) == RING_SIZE)
		return 0;
	ring->slots[ring->head++ & RING_MASK(ring)] = value;
	return 1;
}

/* Takes the oldest number out; 0 when there is none. */
static inline int ring_pop(struct ring *ring, unsigned int *value)
{
	if (ring_len(ring) == 0)
		return 0;
	*value = ring->slots[ring->tail++ & RING_MASK(ring)];
	return 1;
}

#endif
