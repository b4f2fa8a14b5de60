/// stub
public struct PatternStub {}
