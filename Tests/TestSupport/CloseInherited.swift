import Glibc

/// Makes a child start with descriptors 0, 1 and 2 only: a stand-in's socket or another child's pipe, held open in a
/// child, would never be seen to close.
public func closeInherited(_ actions: inout posix_spawn_file_actions_t) {
  _ = closeFrom?(&actions, 3)
}

private typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32

/// glibc has it and hides it from Swift.
private let closeFrom: CloseFrom? = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np").map {
  // Its type as in spawn.h.
  unsafeBitCast($0, to: CloseFrom.self)
}
