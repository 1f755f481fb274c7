// Preloaded into User-mode Linux, which keeps as much of a process's extended registers as it knew of when it was built, and sets them as it got them.
// The machine takes them whole or not at all (EFAULT): on a processor with more of them, AMX above all, no process of such a kernel would get on. What it
// has not kept is as it was.
//
// cc -shared -fPIC -O2 -o uml-registers.so uml-registers.c -ldl
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

static long (*libc_ptrace)(enum __ptrace_request, pid_t, void *, void *);
// Not on the stack: that of this kernel is small. It has one processor, and so one caller.
static char registers[1 << 16];

__attribute__((constructor)) static void find_ptrace(void) {
  libc_ptrace = (long (*)(enum __ptrace_request, pid_t, void *, void *))dlsym(RTLD_NEXT, "ptrace");
}

long ptrace(enum __ptrace_request request, ...) {
  va_list arguments;
  va_start(arguments, request);
  pid_t pid = va_arg(arguments, pid_t);
  void *address = va_arg(arguments, void *);
  void *data = va_arg(arguments, void *);
  va_end(arguments);
  if (request == PTRACE_SETREGSET && (unsigned long)address == NT_X86_XSTATE) {
    const struct iovec *kept = data;
    struct iovec whole = {registers, sizeof registers};
    if (libc_ptrace(PTRACE_GETREGSET, pid, address, &whole) == 0 && whole.iov_len > kept->iov_len) {
      memcpy(registers, kept->iov_base, kept->iov_len);
      return libc_ptrace(PTRACE_SETREGSET, pid, address, &whole);
    }
  }
  return libc_ptrace(request, pid, address, data);
}
