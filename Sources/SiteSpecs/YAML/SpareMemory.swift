internal import CLibYAML
import Glibc

/// Memory of the process as the system sees it.
public enum SpareMemory {
  /// Gives back what was freed. Worth it after a large configuration was read and its values have gone: some 10 ms.
  public static func giveBack() { yaml_give_back_memory() }

  /// Threads share two heaps for each processor. glibc's own limit is eight, so that nearly each thread has one, with its own
  /// spare memory: 1 MB of 28 for 1,000 quiet watches. With one for each processor they wait for each other: 4 % more CPU
  /// for pages that changed. To be called before the first thread. Whoever runs us may have said otherwise.
  public static func shareHeaps() {
    guard getenv("MALLOC_ARENA_MAX") == nil, getenv("GLIBC_TUNABLES") == nil else { return }
    yaml_share_heaps(Int32(clamping: 2 * max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
  }
}
