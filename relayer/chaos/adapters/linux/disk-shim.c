// Makes the disk of a process and of all that it starts slow or full, from below: LD_PRELOAD=libdisk-shim.so DCHAT_DISK_SHIM=FILE PROGRAM
//
// FILE says what to do: "SLOW_MILLISECONDS FULL UNTIL_MILLISECONDS\n", the last by CLOCK_MONOTONIC. It is read at most every
// 20 ms. No file, another text, or a time that is past: nothing is done. Flushes (fsync, fdatasync) take so much longer; with FULL 1 writes
// to regular files fail with ENOSPC.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MILLISECONDS 20

static _Atomic long long looked = -1000, slow, full, until;

static long long now_milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

// By system calls alone: this is called from within write.
static void look(void) {
  const long long now = now_milliseconds();
  if (now - looked < LOOK_MILLISECONDS) return;
  looked = now;
  const int error = errno;
  char text[96];
  const char *path = getenv("DCHAT_DISK_SHIM");
  long long next_slow = 0, next_full = 0, next_until = 0;
  if (path != NULL) {
    const int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
      const long length = syscall(SYS_read, file, text, sizeof text - 1);
      syscall(SYS_close, file);
      text[length > 0 ? length : 0] = 0;
      if (sscanf(text, "%lld %lld %lld", &next_slow, &next_full, &next_until) != 3) next_until = 0;
    }
  }
  slow = next_slow;
  full = next_full;
  until = next_until;
  errno = error;
}

static int is_on(void) {
  look();
  return now_milliseconds() < until;
}

static void wait_slowly(void) {
  const long long end = now_milliseconds() + slow;
  // In short naps, so that it is over as soon as the file is gone.
  while (is_on() && now_milliseconds() < end) {
    const struct timespec nap = {0, 10 * 1000000L};
    nanosleep(&nap, NULL);
  }
}

static int is_full(int file) {
  struct stat status;
  if (!is_on() || full != 1 || fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  errno = ENOSPC;
  return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FLUSH(name)              \
  int name(int file) {           \
    if (is_on()) wait_slowly();  \
    return REAL(name)(file);     \
  }
#define WRITE(name, parameters, ...)                    \
  ssize_t name parameters {                             \
    return is_full(file) ? -1 : REAL(name)(__VA_ARGS__); \
  }

FLUSH(fsync)
FLUSH(fdatasync)
WRITE(write, (int file, const void *from, size_t length), file, from, length)
WRITE(pwrite, (int file, const void *from, size_t length, off_t at), file, from, length, at)
WRITE(pwrite64, (int file, const void *from, size_t length, off64_t at), file, from, length, at)
WRITE(writev, (int file, const struct iovec *from, int count), file, from, count)
WRITE(pwritev, (int file, const struct iovec *from, int count, off_t at), file, from, count, at)
WRITE(pwritev64, (int file, const struct iovec *from, int count, off64_t at), file, from, count, at)
