internal import CLibPCRE2
import Synchronization

/// A match context and the stack for machine code, lent to one search at a time and kept for the next.
final class SearchWorkspace {
  let context: OpaquePointer
  private let stack: OpaquePointer?

  private init() {
    guard let context = pcre2_match_context_create_8(nil) else {
      preconditionFailure("out of memory for a context of a few words")
    }
    self.context = context
    // Without a stack of its own, machine code takes 32 KiB of the thread's.
    stack = pcre2_jit_stack_create_8(32 << 10, Pattern.stackBytes, nil)
    pcre2_jit_stack_assign_8(context, nil, stack.map { UnsafeMutableRawPointer($0) })
  }

  deinit {
    pcre2_match_context_free_8(context)
    if let stack { pcre2_jit_stack_free_8(stack) }
  }

  func set(_ limits: Pattern.Limits) {
    pcre2_set_match_limit_8(context, UInt32(clamping: limits.steps))
    pcre2_set_depth_limit_8(context, UInt32(clamping: limits.steps))
    // In KiB.
    pcre2_set_heap_limit_8(context, UInt32(clamping: limits.memory >> 10))
  }

  static func take() -> SearchWorkspace {
    idle.withLock { $0.popLast() }?.workspace ?? SearchWorkspace()
  }

  func giveBack() {
    // A few are kept; a burst of threads must not leave its stacks behind.
    Self.idle.withLock { if $0.count < 16 { $0.append(Idle(workspace: self)) } }
  }

  // Whoever takes a workspace out of the list is the only one to hold it, until it is given back.
  private struct Idle: @unchecked Sendable { let workspace: SearchWorkspace }
  private static let idle = Mutex<[Idle]>([])
}
