extension FilterChain {
  /// What each filter makes of a value, in order: `("trim", …)`, `("replace: -,  ", …)`. For showing where a value is lost.
  public func stages(of value: Value, _ context: RenderContext) -> [(filter: String, value: Value)] {
    var value = value
    return calls.map { call in
      value = value.isNull && !call.kind.takesNull ? .null : call.run(value, context)
      let arguments = call.arguments.isEmpty ? "" : ": " + call.arguments.joined(separator: ", ")
      return (call.kind.name + arguments, value)
    }
  }
}
