/*
 * tests/lib/storage_sim.h - a disk in memory behind hal/storage.h, for tests only: it loses
 * power, drops and tears what was not synced, lies, refuses and rots.
 *
 * sim_clear -> (run a scenario until it ends or SIM_CUT jumps) -> sim_power_on -> ...
 * Each call that changes the disk is one operation. This file is below tests/ and no
 * program of the product is linked with it.
 */
#ifndef TESTS_STORAGE_SIM_H
#define TESTS_STORAGE_SIM_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_CHANGED_S INT64_C(1000000000) /* when each file was last written, whenever that was */

enum sim_survivor {
	SIM_SYNCED, /* only what was synced */
	SIM_ALL,    /* everything that was written */
	SIM_RANDOM, /* each 512 bytes, each length and each name by itself: in any order, torn */
};

enum sim_trouble { SIM_GOOD, SIM_FAIL, SIM_FAIL_SYNC, SIM_SHORT, SIM_READ_EIO };

struct sim {
	size_t operations;        /* so far */
	size_t cut_at;            /* the power goes instead of this operation; 0: never */
	jmp_buf cut;              /* where to go then */
	enum sim_trouble trouble; /* from operation trouble_from to trouble_to */
	size_t trouble_from, trouble_to;
	int trouble_errno;
	uint64_t free_bytes;      /* what hal_storage_free() says */
	uint64_t rot_at;          /* reads that touch [rot_at, rot_at + 512) of any segment fail with EIO; 0: none */
	size_t syncs, written;    /* for figures */
};

extern struct sim sim;

/* An empty disk. */
void sim_clear(void);
/* The same disk as it is found after a power cut. Every open file is closed. */
void sim_power_on(enum sim_survivor how, unsigned int seed);
/* Keep and bring back the whole disk, as after sim_power_on(). One place. */
void sim_keep(void);
void sim_bring_back(void);

#endif
