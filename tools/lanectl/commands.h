/*
 * lanectl/commands.h - what lanectl can be asked to do, one function a word.
 *
 * Each takes its own arguments (argv[0] is "lanectl WORD") and returns the exit
 * status, after it said on stderr what was wrong.
 */
#ifndef LANECTL_COMMANDS_H
#define LANECTL_COMMANDS_H

#include <argp.h>
#include <jansson.h>
#include <stdatomic.h>

#include "base/base.h"

enum exit_status {
	EXIT_GOOD,
	EXIT_TROUBLE, /* arguments, files, this computer */
	EXIT_IMAGE,   /* the image is refused */
	EXIT_DEVICE,  /* a disk is refused; nothing was written */
	EXIT_FAILED,  /* a disk failed while it was flashed */
	EXIT_STOPPED, /* by the person */
};

/* Where a desk keeps what lanectl trusts and writes; each has an option. */
#define DESK_RELEASE_KEY "/etc/laneseal/release.pub.pem"
#define DESK_LOG_KEY     "/etc/laneseal/technician.pem"
#define DESK_LOG_PUBLIC  "/etc/laneseal/technician.pub.pem"
#define DESK_ALLOW       "/etc/laneseal/flash-allow"
#define DESK_LOG         "/var/lib/laneseal/flash-log.jsonl"

int command_devices(int argc, char **argv);
int command_image_info(int argc, char **argv);
int command_image_verify(int argc, char **argv);
int command_flash(int argc, char **argv);
int command_log_verify(int argc, char **argv);

/* Ends the program with EXIT_TROUBLE when the arguments are wrong, with the command's own usage line. */
void command_parse(const struct argp *argp, int argc, char **argv, void *into);

/* Writes a JSON value to standard output and releases it. */
void command_json(json_t *j);

/* Set when the person wants to stop; from command_catch_stop() on the signals (Ctrl-C) do nothing else. */
extern atomic_int command_stop;
void command_catch_stop(void);

#endif
