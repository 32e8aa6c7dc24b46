// Loaded into a process before all others (LD_PRELOAD): writes down, in order, what the process does to files whose path holds OS_PATH (write, fsync,
// rename; to the file OS_LOG), and ends the process just before its OS_AT-th rename of such a file.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long renames;

static int watched(const char *path) {
  const char *part = getenv("OS_PATH");
  return part && part[0] && strstr(path, part) != 0;
}

static void note(const char *verb, const char *path, const char *other) {
  const char *log = getenv("OS_LOG");
  char line[2200];
  int length = snprintf(line, sizeof line, "%s\t%s\t%s\n", verb, path, other);
  int fd = log && log[0] ? open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
  if (fd >= 0) {
    ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    if (real(fd, line, (size_t)length) < 0) abort();
    close(fd);
  }
}

static void note_fd(const char *verb, int fd) {
  char link[64], path[1024];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length > 0) {
    path[length] = 0;
    if (watched(path)) note(verb, path, "");
  }
}

ssize_t write(int fd, const void *data, size_t length) {
  ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
  note_fd("write", fd);
  return real(fd, data, length);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
  ssize_t (*real)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
  note_fd("write", fd);
  return real(fd, data, length, offset);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return pwrite64(fd, data, length, offset); }

int fsync(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
  note_fd("fsync", fd);
  return real(fd);
}

int rename(const char *from, const char *to) {
  int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
  if (watched(to)) {
    const char *at = getenv("OS_AT");
    if (atomic_fetch_add(&renames, 1) + 1 == (at ? atol(at) : 0)) kill(getpid(), SIGKILL);
    note("rename", from, to);
  }
  return real(from, to);
}
