/* launch SECONDS OUT PROGRAM ARGUMENT...   runs a program, writes `wall user system peak_kib status` to the file OUT.
 *
 * A program's peak resident size begins with that of the process it was forked from, so a launcher must be small: Python
 * itself has more than what is measured here. CPU and peak are those of the program and all its descendants that were
 * waited for. After SECONDS the whole process group is killed; the status is then 137. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile pid_t child;

static void kill_group(int signal_number) {
  (void)signal_number;
  if (child > 0) kill(-child, SIGKILL);
}

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

int main(int count, char **words) {
  if (count < 4) return fputs("usage: launch SECONDS OUT PROGRAM ARGUMENT...\n", stderr), 64;
  struct timespec start, end;
  struct rusage usage;
  int status;
  signal(SIGALRM, kill_group);
  signal(SIGTERM, kill_group);
  signal(SIGINT, kill_group);
  clock_gettime(CLOCK_MONOTONIC, &start);
  pid_t made = fork();
  if (made == 0) {
    setpgid(0, 0);
    execvp(words[3], words + 3);
    perror(words[3]);
    _exit(127);
  }
  if (made < 0) return perror("fork"), 1;
  setpgid(made, made);
  child = made;
  alarm((unsigned)atoi(words[1]));
  while (wait4(made, &status, 0, &usage) < 0) continue;
  clock_gettime(CLOCK_MONOTONIC, &end);
  child = 0;
  double wall = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
  FILE *out = fopen(words[2], "w");
  if (!out) return perror(words[2]), 1;
  fprintf(out, "%.6f %.6f %.6f %ld %d\n", wall, seconds(usage.ru_utime), seconds(usage.ru_stime), usage.ru_maxrss,
          WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return fclose(out) != 0;
}
