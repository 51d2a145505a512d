/*
 * init/slots.h - what the boot loader remembers: which slot is first, which may be booted, how often each was tried.
 *
 * It lies in a file of fixed size on the boot partition, "slots", which GRUB or U-Boot counts up in before it starts a slot. Written in
 * place, so that the blocks they know stay the file's; all of it lies in the first of them, which a disk writes whole or not.
 * Its lines may come in any order: GRUB leaves them as they are, U-Boot sorts them and ends them with a zero.
 */
#ifndef INIT_SLOTS_H
#define INIT_SLOTS_H

#include "base/base.h"

enum { SLOTS = 2, SLOTS_TRIES_MOST = 3, SLOTS_FILE_BYTES = 1024, SLOTS_SECTOR_BYTES = 512 };

struct slots {
	int first; /* 0: A, 1: B */
	struct {
		int ok;    /* 1: it may be booted */
		int tries; /* since it was last found good; at SLOTS_TRIES_MOST the other is booted */
	} of[SLOTS];
};

/* Text to slots, and back. -EINVAL: the text is no such file; then *s is what the boot loader assumes as well: A, and no other. */
int slots_parse(struct slots *s, struct span text) MUST_CHECK;
void slots_format(const struct slots *s, uint8_t text[SLOTS_FILE_BYTES]);

/* The slot this system was booted from, as the boot loader said: 0, 1, or -ENOENT: it has no slots. */
int slots_booted(void) MUST_CHECK;

/* Reads, changes and writes the file; mounts the boot partition for that long. 0 or -errno, which has been said. */
int slots_load(struct slots *s) MUST_CHECK;
int slots_store(const struct slots *s) MUST_CHECK;

/*
 * For RAUC, which asks for and sets states by a program ("custom" boot loader): get-primary, set-primary SLOT,
 * get-state SLOT, set-state SLOT good|bad. Returns the exit status.
 */
int slots_answer_rauc(int argc, char **argv) MUST_CHECK;

#endif
