/*
 * tools/lanekeys/commands.h - what lanekeys can be asked to do, one function a word.
 *
 * Each takes its own arguments (argv[0] is "lanekeys WORD") and returns the exit
 * status: 0, or 1 after it said on stderr what was wrong.
 */
#ifndef LANEKEYS_COMMANDS_H
#define LANEKEYS_COMMANDS_H

#include <argp.h>

int command_recipient(int argc, char **argv);
int command_policy_key(int argc, char **argv);
int command_maker(int argc, char **argv);
int command_unit(int argc, char **argv);
int command_policy(int argc, char **argv);
int command_release_key(int argc, char **argv);
int command_technician_key(int argc, char **argv);
int command_image(int argc, char **argv);
int command_show(int argc, char **argv);

/* Ends the program with status 1 when the arguments are wrong, as argp does, with the command's own usage line. */
void command_parse(const struct argp *argp, int argc, char **argv, void *into);

#endif
