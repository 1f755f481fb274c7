/*
* iptables under whatever name it is called, of the kind that the kernel has: nf_tables, or the one before where nf_tables
* lacks the family, as in Debian's User-mode Linux. What an image of Kubernetes' own does with a script, without a shell.
*/
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define NFT "/usr/sbin/xtables-nft-multi"
#define LEGACY "/usr/sbin/xtables-legacy-multi"

/* Whether the kernel lists a table of IPv4 by nf_tables. */
static int has_nf_tables(void) {
  pid_t child = fork();
  if (child == 0) {
    int nowhere = open("/dev/null", O_RDWR);
    if (nowhere >= 0) {
      dup2(nowhere, STDIN_FILENO);
      dup2(nowhere, STDOUT_FILENO);
      dup2(nowhere, STDERR_FILENO);
    }
    execl(NFT, "iptables-save", "-t", "filter", (char *)NULL);
    _exit(127);
  }
  int status = 1;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

int main(int count, char **words) {
  (void)count;
  execv(has_nf_tables() ? NFT : LEGACY, words);
  perror("iptables");
  return 127;
}
