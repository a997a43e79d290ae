/*
 * LD_PRELOAD library: logs every change that a process makes to the files of one folder, with the bytes, in the order it was made.
 *
 *   WRITELOG_FOLDER  the folder, an absolute path without symbolic links
 *   WRITELOG_FILE    where the log goes; outside of the folder
 *   WRITELOG_SIGNAL  "N:S" raises signal S right after the Nth logged operation
 *
 * An operation and its record are made under one lock: libuv writes from several threads, and a log in another order than the truth
 * would show states that never were. A record is 24 bytes (see struct record) and then `length` bytes; crashes/log.ts reads it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_FD 65536

struct record {
  uint8_t op; /* the letters below */
  uint8_t pad[3];
  int32_t fd;
  int64_t offset;
  uint32_t flags;
  uint32_t length;
};

enum { OPEN = 'o', WRITE = 'w', SIZE = 't', SYNC = 's', RENAME = 'r', LINK = 'l', UNLINK = 'u', CLOSE = 'c', UNKNOWN = '?' };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char folder[PATH_MAX];
static size_t folder_length;
static int log_fd = -1;
static char watched[MAX_FD];
static long operations, signal_at = -1;
static int signal_number;

/* The C library's own function of this name. */
#define REAL(name) \
  ({ \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
    real; \
  })

static void write_all(const void *bytes, size_t length) {
  while (length > 0) {
    ssize_t done = REAL(write)(log_fd, bytes, length);
    if (done < 0 && errno == EINTR) continue;
    /* A log with a hole would show states that never were. */
    if (done <= 0) abort();
    bytes = (const char *)bytes + done;
    length -= (size_t)done;
  }
}

static void begin_record(char op, int fd, int64_t offset, uint32_t flags, size_t length) {
  struct record head = {.op = (uint8_t)op, .fd = fd, .offset = offset, .flags = flags, .length = (uint32_t)length};
  write_all(&head, sizeof head);
}

static void end_record(void) {
  operations += 1;
  if (operations == signal_at) kill(getpid(), signal_number);
}

static void put(char op, int fd, int64_t offset, uint32_t flags, const void *bytes, size_t length) {
  begin_record(op, fd, offset, flags, length);
  write_all(bytes, length);
  end_record();
}

static void __attribute__((constructor)) start(void) {
  const char *where = getenv("WRITELOG_FOLDER"), *file = getenv("WRITELOG_FILE"), *when = getenv("WRITELOG_SIGNAL");
  if (!where || !file) return;
  snprintf(folder, sizeof folder, "%s", where);
  folder_length = strlen(folder);
  int fd = REAL(open)(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) abort();
  /* Away from the low numbers, which a program may expect to be free. */
  log_fd = fcntl(fd, F_DUPFD_CLOEXEC, 1000);
  REAL(close)(fd);
  if (log_fd < 0) abort();
  if (when) sscanf(when, "%ld:%d", &signal_at, &signal_number);
}

static int is_watched(int fd) { return log_fd >= 0 && fd >= 0 && fd < MAX_FD && watched[fd]; }

/* The path within the folder, "" for the folder itself, NULL if it lies elsewhere. */
static const char *within(const char *path) {
  if (log_fd < 0 || strncmp(path, folder, folder_length) != 0) return NULL;
  if (path[folder_length] == 0) return path + folder_length;
  return path[folder_length] == '/' ? path + folder_length + 1 : NULL;
}

static const char *absolute(int dirfd, const char *path, char *space) {
  if (path[0] == '/') return path;
  char link[64];
  if (dirfd == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
  else snprintf(link, sizeof link, "/proc/self/fd/%d", dirfd);
  ssize_t length = readlink(link, space, PATH_MAX - 1);
  if (length < 0) length = 0;
  snprintf(space + length, (size_t)(PATH_MAX - length), "/%s", path);
  return space;
}

/* Called with the lock held, so that nobody gets the number of a file that is being closed. */
static int opened(int fd, int flags) {
  if (fd < 0 || log_fd < 0) return fd;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return fd;
  path[length] = 0;
  const char *name = within(path);
  if (!name) return fd;
  if (fd >= MAX_FD) abort();
  watched[fd] = 1;
  put(OPEN, fd, 0, (uint32_t)flags, name, strlen(name));
  return fd;
}

#define MODE(last) \
  mode_t mode = 0; \
  if (flags & (O_CREAT | O_TMPFILE)) { \
    va_list list; \
    va_start(list, last); \
    mode = va_arg(list, mode_t); \
    va_end(list); \
  }
#define LOCKED(type, call, after) \
  pthread_mutex_lock(&lock); \
  type result = call; \
  int kept = errno; \
  after; \
  pthread_mutex_unlock(&lock); \
  errno = kept; \
  return result

int open(const char *path, int flags, ...) { MODE(flags) LOCKED(int, REAL(open)(path, flags, mode), opened(result, flags)); }
int open64(const char *path, int flags, ...) { MODE(flags) LOCKED(int, REAL(open64)(path, flags, mode), opened(result, flags)); }
int openat(int at, const char *path, int flags, ...) { MODE(flags) LOCKED(int, REAL(openat)(at, path, flags, mode), opened(result, flags)); }
int openat64(int at, const char *path, int flags, ...) {
  MODE(flags) LOCKED(int, REAL(openat64)(at, path, flags, mode), opened(result, flags));
}
int creat(const char *path, mode_t mode) { LOCKED(int, REAL(creat)(path, mode), opened(result, O_CREAT | O_WRONLY | O_TRUNC)); }
int creat64(const char *path, mode_t mode) { LOCKED(int, REAL(creat64)(path, mode), opened(result, O_CREAT | O_WRONLY | O_TRUNC)); }

int close(int fd) {
  if (!is_watched(fd)) return REAL(close)(fd);
  LOCKED(int, REAL(close)(fd), (watched[fd] = 0, put(CLOSE, fd, 0, 0, NULL, 0)));
}

static void wrote(int fd, ssize_t done, int64_t offset, const void *bytes) {
  if (done <= 0) return;
  if (offset < 0) offset = lseek(fd, 0, SEEK_CUR) - done;
  put(WRITE, fd, offset, 0, bytes, (size_t)done);
}

static void wrote_parts(int fd, ssize_t done, int64_t offset, const struct iovec *parts) {
  if (done <= 0) return;
  if (offset < 0) offset = lseek(fd, 0, SEEK_CUR) - done;
  begin_record(WRITE, fd, offset, 0, (size_t)done);
  for (size_t left = (size_t)done; left > 0; parts += 1) {
    size_t length = parts->iov_len < left ? parts->iov_len : left;
    write_all(parts->iov_base, length);
    left -= length;
  }
  end_record();
}

ssize_t write(int fd, const void *bytes, size_t length) {
  if (!is_watched(fd)) return REAL(write)(fd, bytes, length);
  LOCKED(ssize_t, REAL(write)(fd, bytes, length), wrote(fd, result, -1, bytes));
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  if (!is_watched(fd)) return REAL(pwrite)(fd, bytes, length, offset);
  LOCKED(ssize_t, REAL(pwrite)(fd, bytes, length, offset), wrote(fd, result, offset, bytes));
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  if (!is_watched(fd)) return REAL(pwrite64)(fd, bytes, length, offset);
  LOCKED(ssize_t, REAL(pwrite64)(fd, bytes, length, offset), wrote(fd, result, offset, bytes));
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
  if (!is_watched(fd)) return REAL(writev)(fd, parts, count);
  LOCKED(ssize_t, REAL(writev)(fd, parts, count), wrote_parts(fd, result, -1, parts));
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  if (!is_watched(fd)) return REAL(pwritev)(fd, parts, count, offset);
  LOCKED(ssize_t, REAL(pwritev)(fd, parts, count, offset), wrote_parts(fd, result, offset, parts));
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
  if (!is_watched(fd)) return REAL(pwritev64)(fd, parts, count, offset);
  LOCKED(ssize_t, REAL(pwritev64)(fd, parts, count, offset), wrote_parts(fd, result, offset, parts));
}

#define SIZED(length) ((void)(result == 0 ? put(SIZE, fd, (length), 0, NULL, 0) : (void)0))
int ftruncate(int fd, off_t length) {
  if (!is_watched(fd)) return REAL(ftruncate)(fd, length);
  LOCKED(int, REAL(ftruncate)(fd, length), SIZED(length));
}
int ftruncate64(int fd, off64_t length) {
  if (!is_watched(fd)) return REAL(ftruncate64)(fd, length);
  LOCKED(int, REAL(ftruncate64)(fd, length), SIZED(length));
}

#define SYNCED() ((void)(result == 0 ? put(SYNC, fd, 0, 0, NULL, 0) : (void)0))
int fsync(int fd) {
  if (!is_watched(fd)) return REAL(fsync)(fd);
  LOCKED(int, REAL(fsync)(fd), SYNCED());
}
int fdatasync(int fd) {
  if (!is_watched(fd)) return REAL(fdatasync)(fd);
  LOCKED(int, REAL(fdatasync)(fd), SYNCED());
}

static void named(char op, int old_at, const char *old_path, int new_at, const char *new_path) {
  char old_space[PATH_MAX], new_space[PATH_MAX], names[2 * PATH_MAX];
  const char *from = within(absolute(old_at, old_path, old_space)), *to = within(absolute(new_at, new_path, new_space));
  if (!from && !to) return;
  int length = snprintf(names, sizeof names, "%s%c%s", from ? from : "", 0, to ? to : "");
  /* Into or out of the folder: a file whose bytes the log does not know. */
  put(from && to ? op : UNKNOWN, -1, 0, 0, names, (size_t)length);
}

int rename(const char *from, const char *to) {
  LOCKED(int, REAL(rename)(from, to), result == 0 ? named(RENAME, AT_FDCWD, from, AT_FDCWD, to) : (void)0);
}
int renameat(int from_at, const char *from, int to_at, const char *to) {
  LOCKED(int, REAL(renameat)(from_at, from, to_at, to), result == 0 ? named(RENAME, from_at, from, to_at, to) : (void)0);
}
int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned int flags) {
  LOCKED(int, REAL(renameat2)(from_at, from, to_at, to, flags), result == 0 ? named(RENAME, from_at, from, to_at, to) : (void)0);
}

int link(const char *from, const char *to) {
  LOCKED(int, REAL(link)(from, to), result == 0 ? named(LINK, AT_FDCWD, from, AT_FDCWD, to) : (void)0);
}
int linkat(int from_at, const char *from, int to_at, const char *to, int flags) {
  LOCKED(int, REAL(linkat)(from_at, from, to_at, to, flags), result == 0 ? named(LINK, from_at, from, to_at, to) : (void)0);
}

static void unlinked(int at, const char *path) {
  char space[PATH_MAX];
  const char *name = within(absolute(at, path, space));
  if (name) put(UNLINK, -1, 0, 0, name, strlen(name));
}

int unlink(const char *path) { LOCKED(int, REAL(unlink)(path), result == 0 ? unlinked(AT_FDCWD, path) : (void)0); }
int unlinkat(int at, const char *path, int flags) {
  LOCKED(int, REAL(unlinkat)(at, path, flags), result == 0 ? unlinked(at, path) : (void)0);
}
int remove(const char *path) { LOCKED(int, REAL(remove)(path), result == 0 ? unlinked(AT_FDCWD, path) : (void)0); }

/* What the log cannot follow is at least told: the explorer then refuses the log. */
#define UNFOLLOWED(name) put(UNKNOWN, fd, 0, 0, name, strlen(name))
static void mapped(int fd, int protection, int flags) {
  if (is_watched(fd) && (protection & PROT_WRITE) && (flags & MAP_SHARED)) UNFOLLOWED("mmap");
}
void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
  if (!is_watched(fd)) return REAL(mmap)(at, length, protection, flags, fd, offset);
  LOCKED(void *, REAL(mmap)(at, length, protection, flags, fd, offset), mapped(fd, protection, flags));
}
void *mmap64(void *at, size_t length, int protection, int flags, int fd, off64_t offset) {
  if (!is_watched(fd)) return REAL(mmap64)(at, length, protection, flags, fd, offset);
  LOCKED(void *, REAL(mmap64)(at, length, protection, flags, fd, offset), mapped(fd, protection, flags));
}
int fallocate(int fd, int mode, off_t offset, off_t length) {
  if (!is_watched(fd)) return REAL(fallocate)(fd, mode, offset, length);
  LOCKED(int, REAL(fallocate)(fd, mode, offset, length), UNFOLLOWED("fallocate"));
}
int fallocate64(int fd, int mode, off64_t offset, off64_t length) {
  if (!is_watched(fd)) return REAL(fallocate64)(fd, mode, offset, length);
  LOCKED(int, REAL(fallocate64)(fd, mode, offset, length), UNFOLLOWED("fallocate"));
}
int posix_fallocate(int fd, off_t offset, off_t length) {
  if (!is_watched(fd)) return REAL(posix_fallocate)(fd, offset, length);
  LOCKED(int, REAL(posix_fallocate)(fd, offset, length), UNFOLLOWED("posix_fallocate"));
}

/* libuv makes some calls by their number. */
long syscall(long number, ...) {
  va_list list;
  va_start(list, number);
  long a = va_arg(list, long), b = va_arg(list, long), c = va_arg(list, long);
  long d = va_arg(list, long), e = va_arg(list, long), f = va_arg(list, long);
  va_end(list);
  if (number == SYS_pwritev && is_watched((int)a)) return pwritev((int)a, (const struct iovec *)b, (int)c, (off_t)d);
  if (number == SYS_copy_file_range && is_watched((int)c)) {
    int fd = (int)c;
    LOCKED(long, REAL(syscall)(number, a, b, c, d, e, f), UNFOLLOWED("copy_file_range"));
  }
  return REAL(syscall)(number, a, b, c, d, e, f);
}
