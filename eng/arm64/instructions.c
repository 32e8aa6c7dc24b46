// Counts the instructions of a program that qemu-user runs, of all its threads, and writes the count to standard error at the end.
//   gcc -O2 -shared -fPIC -DAPI=1 -o instructions.so instructions.c      (API 1 for qemu 7 and 8, 2 from 9 on)
// What follows is declared here because Debian ships qemu's plugin interface without its header.
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define EXPORT __attribute__((visibility("default")))
#define THREADS 1024

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
enum { NO_REGISTERS };
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, void (*translated)(plugin_id, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *block, void (*entered)(unsigned int, void *), int registers, void *data);
void qemu_plugin_register_atexit_cb(plugin_id id, void (*ended)(plugin_id, void *), void *data);

EXPORT int qemu_plugin_version = API;

static uint64_t counts[THREADS]; // Of a thread each: two that added to one would lose counts.

static void entered(unsigned int thread, void *instructions) { counts[thread % THREADS] += (uintptr_t)instructions; }

static void translated(plugin_id id, struct qemu_plugin_tb *block) {
  (void)id;
  qemu_plugin_register_vcpu_tb_exec_cb(block, entered, NO_REGISTERS, (void *)(uintptr_t)qemu_plugin_tb_n_insns(block));
}

static void ended(plugin_id id, void *data) {
  (void)id;
  (void)data;
  uint64_t sum = 0;
  for (int thread = 0; thread < THREADS; thread++) sum += counts[thread];
  fprintf(stderr, "%" PRIu64 " instructions\n", sum);
}

EXPORT int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv) {
  (void)info;
  (void)argc;
  (void)argv;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, ended, NULL);
  return 0;
}
