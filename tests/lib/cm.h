/*
 * tests/lib/cm.h - cmocka with the headers it wants before it, and a test for programs that must end.
 */
#ifndef TESTS_CM_H
#define TESTS_CM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* 1 when f(arg), in a process of its own, ends by abort(3), as CHECK() does. What it prints is dropped. */
static inline int
aborts(void (*f)(void *arg), void *arg)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		signal(SIGABRT, SIG_DFL);
		close(STDERR_FILENO);
		f(arg);
		_exit(0);
	}
	return waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
