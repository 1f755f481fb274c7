/*
 * Holds the namespaces of a pod: sleeps until it is told to stop, and collects the children that containers
 * sharing its process namespace leave behind. Static, because it is the only file of its image.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  sigset_t watched;
  sigemptyset(&watched);
  sigaddset(&watched, SIGINT);
  sigaddset(&watched, SIGTERM);
  sigaddset(&watched, SIGCHLD);
  if (sigprocmask(SIG_BLOCK, &watched, NULL) != 0) return 1;

  /* Process 1 of a namespace gets no signal it has not asked for; waiting for them synchronously needs no handler. */
  for (;;) {
    int signal_number = sigwaitinfo(&watched, NULL);
    if (signal_number == SIGINT || signal_number == SIGTERM) return 0;
    if (signal_number == SIGCHLD) {
      while (waitpid(-1, NULL, WNOHANG) > 0) {
      }
    } else if (signal_number < 0 && errno != EINTR) {
      return 1;
    }
  }
}
