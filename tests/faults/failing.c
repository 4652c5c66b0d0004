/* Makes the nth call of one kind fail that writes below a directory. Loaded into
 * the real server with LD_PRELOAD; the server's code knows nothing of it.
 *
 *   FAULT_BELOW   the directory
 *   FAULT_CALL    write, fsync, fdatasync, rename or ftruncate; or lie: every sync says that
 *                 it is done, and nothing is
 *   FAULT_NTH     which of them, from 1
 *   FAULT_KIND    EIO, ENOSPC, or SHORT: half of a write arrives, the rest has no room
 *   FAULT_REPORT  a file that is made when the call fails, with its path in it
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;
static atomic_int rest_of = -1;

static void report(const char *path) {
  const char *file = getenv("FAULT_REPORT");
  int fd = file ? (int)syscall(SYS_openat, AT_FDCWD, file, O_CREAT | O_WRONLY | O_APPEND, 0600) : -1;
  if (fd < 0) return;
  syscall(SYS_write, fd, path, strlen(path));
  syscall(SYS_write, fd, "\n", 1);
  syscall(SYS_close, fd);
}

static int below(const char *path) {
  const char *dir = getenv("FAULT_BELOW");
  return dir && strncmp(path, dir, strlen(dir)) == 0;
}

/* Whether this call is the one. */
static int due(const char *call, const char *path) {
  const char *wanted = getenv("FAULT_CALL"), *nth = getenv("FAULT_NTH");
  if (!wanted || !nth || strcmp(call, wanted) != 0 || !below(path)) return 0;
  if (atomic_fetch_add(&calls, 1) + 1 != atol(nth)) return 0;
  report(path);
  return 1;
}

static int due_at(const char *call, int fd) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return due(call, path);
}

static int failure(void) {
  const char *kind = getenv("FAULT_KIND");
  errno = kind && strcmp(kind, "EIO") == 0 ? EIO : ENOSPC;
  return -1;
}

static int is_short(void) {
  const char *kind = getenv("FAULT_KIND");
  return kind && strcmp(kind, "SHORT") == 0;
}

#define REAL(name, type) ((type)dlsym(RTLD_NEXT, name))

typedef ssize_t (*write_call)(int, const void *, size_t);
typedef ssize_t (*pwrite_call)(int, const void *, size_t, off_t);
typedef int (*fd_call)(int);
typedef int (*rename_call)(const char *, const char *);
typedef int (*truncate_call)(int, off_t);

/* After half a write, what is left of it. */
static int rest(int fd) {
  int of = fd;
  return fd > 2 && atomic_compare_exchange_strong(&rest_of, &of, -1);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  if (fd > 2) {
    if (rest(fd)) return failure();
    if (due_at("write", fd)) {
      if (!is_short() || length < 2) return failure();
      atomic_store(&rest_of, fd);
      length /= 2;
    }
  }
  return REAL("write", write_call)(fd, bytes, length);
}

static ssize_t write_at(const char *name, int fd, const void *bytes, size_t length, off_t at) {
  if (rest(fd)) return failure();
  if (due_at("write", fd)) {
    if (!is_short() || length < 2) return failure();
    atomic_store(&rest_of, fd);
    length /= 2;
  }
  return REAL(name, pwrite_call)(fd, bytes, length, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
  return write_at("pwrite", fd, bytes, length, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at) {
  return write_at("pwrite64", fd, bytes, length, at);
}

static int lies(void) {
  const char *wanted = getenv("FAULT_CALL");
  return wanted && strcmp(wanted, "lie") == 0;
}

int fsync(int fd) {
  if (lies()) return 0;
  return due_at("fsync", fd) ? failure() : REAL("fsync", fd_call)(fd);
}

int fdatasync(int fd) {
  if (lies()) return 0;
  return due_at("fdatasync", fd) ? failure() : REAL("fdatasync", fd_call)(fd);
}

int rename(const char *from, const char *to) {
  return due("rename", to) ? failure() : REAL("rename", rename_call)(from, to);
}

int ftruncate(int fd, off_t length) {
  return due_at("ftruncate", fd) ? failure() : REAL("ftruncate", truncate_call)(fd, length);
}

int ftruncate64(int fd, off_t length) {
  return due_at("ftruncate", fd) ? failure() : REAL("ftruncate64", truncate_call)(fd, length);
}
