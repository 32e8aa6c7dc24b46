// Loaded into a process before all others (LD_PRELOAD): writes down, in order, what the process does to files and folders whose path holds OS_PATH (create,
// truncate, write with its place and its bytes, fsync, rename, unlink, mkdir; to the file OS_LOG), and ends the process just before its OS_AT-th rename of one.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_long renames;

// .NET looks fsync up in libc itself, for folders: it gets this library's, too.
void *dlsym(void *handle, const char *name) {
  static void *(*real)(void *, const char *);
  const char *versions[] = {"GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.2.5"};
  for (int i = 0; !real && i < 3; i++) real = dlvsym(RTLD_NEXT, "dlsym", versions[i]);
  return handle != RTLD_NEXT && strcmp(name, "fsync") == 0 ? (void *)fsync : real(handle, name);
}

static int watched(const char *path) {
  const char *part = getenv("OS_PATH");
  return part && part[0] && strstr(path, part) != 0;
}

static void note(const char *verb, const char *path, const char *other) {
  const char *log = getenv("OS_LOG");
  int fd = log && log[0] ? ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open"))(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
  if (fd >= 0) {
    char *line;
    int length = asprintf(&line, "%s\t%s\t%s\n", verb, path, other);
    ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    if (length < 0 || real(fd, line, (size_t)length) != length) abort();
    free(line);
    close(fd);
  }
}

static void note_fd(const char *verb, int fd, const char *other) {
  char link[64], path[1024];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length > 0) {
    path[length] = 0;
    if (watched(path)) note(verb, path, other);
  }
}

static void note_write(int fd, const unsigned char *data, size_t length, off64_t offset) {
  if (offset < 0) return;
  char *text = malloc(32 + 2 * length);
  int at = sprintf(text, "%lld:", (long long)offset);
  for (size_t i = 0; i < length; i++) at += sprintf(text + at, "%02x", data[i]);
  note_fd("write", fd, text);
  free(text);
}

static int opened(int (*real)(const char *, int, ...), const char *path, int flags, mode_t mode) {
  int is_new = (flags & O_CREAT) && access(path, F_OK) != 0;
  int fd = real(path, flags, mode);
  if (fd >= 0 && is_new) note_fd("create", fd, "");
  if (fd >= 0 && (flags & O_TRUNC) && !is_new) note_fd("truncate", fd, "0");
  return fd;
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return opened(dlsym(RTLD_NEXT, "open"), path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return opened(dlsym(RTLD_NEXT, "open64"), path, flags, mode);
}

ssize_t write(int fd, const void *data, size_t length) {
  ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
  note_write(fd, data, length, lseek64(fd, 0, SEEK_CUR));
  return real(fd, data, length);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
  ssize_t (*real)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
  note_write(fd, data, length, offset);
  return real(fd, data, length, offset);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return pwrite64(fd, data, length, offset); }

int ftruncate64(int fd, off64_t length) {
  int (*real)(int, off64_t) = dlsym(RTLD_NEXT, "ftruncate64");
  char text[32];
  sprintf(text, "%lld", (long long)length);
  note_fd("truncate", fd, text);
  return real(fd, length);
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int fsync(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
  note_fd("fsync", fd, "");
  return real(fd);
}

int unlink(const char *path) {
  int (*real)(const char *) = dlsym(RTLD_NEXT, "unlink");
  int result = real(path);
  if (result == 0 && watched(path)) note("unlink", path, "");
  return result;
}

int mkdir(const char *path, mode_t mode) {
  int (*real)(const char *, mode_t) = dlsym(RTLD_NEXT, "mkdir");
  int result = real(path, mode);
  if (result == 0 && watched(path)) note("mkdir", path, "");
  return result;
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
