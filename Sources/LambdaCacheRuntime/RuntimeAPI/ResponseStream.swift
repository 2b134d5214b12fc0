/// The progress of an invocation's streamed response.
struct ResponseStream {
  enum Phase: Equatable {
    /// Nothing has been sent: the invocation can still be answered in any way.
    case unstarted
    case started
    case finished
    case broken(LambdaRuntimeError)
  }

  /// The content type of a response whose handler has chosen none: arbitrary bytes.
  static let defaultContentType = "application/octet-stream"

  private(set) var requestID = ""
  /// The number of the invocation on its channel; Lambda may invoke twice with one identifier.
  private(set) var serial = 0
  var phase = Phase.finished

  /// Begins the next invocation; writers of the one before are out of date from now on.
  mutating func begin(_ requestID: String) {
    self.requestID = requestID
    serial += 1
    phase = .unstarted
  }

  /// - Throws: `LambdaRuntimeError` when a writer's response can take nothing more.
  func checkOpen(_ serial: Int) throws(LambdaRuntimeError) {
    guard serial == self.serial else { throw .responseIsFinished }
    switch phase {
    case .unstarted, .started: return
    case .finished: throw .responseIsFinished
    case .broken(let error): throw error
    }
  }
}

extension InvocationChannel {
  /// Begins the response of an invocation.
  ///
  /// - Parameters:
  ///   - serial: The number of the writer's invocation.
  ///   - contentType: The value of `Content-Type`.
  ///   - bytes: The beginning of the body.
  func start(
    _ serial: Int, contentType: String, _ bytes: [UInt8]
  ) throws(LambdaRuntimeError) {
    try stream.checkOpen(serial)
    guard stream.phase == .unstarted else { throw .responseHasBegun }
    var pieces = ChunkedCoding.pieces(of: bytes).makeIterator()
    let first = pieces.next() ?? []
    stream.phase = .started
    try attempt { () throws(LambdaRuntimeError) in
      try openStream(stream.requestID, contentType: contentType, first)
      while let piece = pieces.next() { try sendStream(piece) }
    }
  }

  /// Sends a part of the body; begins the response if that has not happened.
  func write(_ serial: Int, _ bytes: [UInt8]) throws(LambdaRuntimeError) {
    try stream.checkOpen(serial)
    if stream.phase == .unstarted {
      return try start(serial, contentType: ResponseStream.defaultContentType, bytes)
    }
    try attempt { () throws(LambdaRuntimeError) in
      for piece in ChunkedCoding.pieces(of: bytes) { try sendStream(piece) }
    }
  }

  /// Ends the response; begins it, empty, if that has not happened.
  func finish(_ serial: Int) throws(LambdaRuntimeError) {
    try stream.checkOpen(serial)
    if stream.phase == .unstarted { try write(serial, []) }
    try attempt { () throws(LambdaRuntimeError) in try closeStream(nil) }
    stream.phase = .finished
  }

  /// Ends a streamed invocation when the handler has returned or thrown.
  func conclude(_ report: ErrorReport?) throws(LambdaRuntimeError) {
    defer { stream.phase = .finished }
    do throws(LambdaRuntimeError) {
      switch (stream.phase, report) {
      case (.unstarted, let report?):
        try fail(stream.requestID, with: report)
      case (.unstarted, nil):
        let contentType = ResponseStream.defaultContentType
        try openStream(stream.requestID, contentType: contentType, [])
        try closeStream(nil)
      case (.started, _):
        if let report { report.log(of: stream.requestID) }
        try closeStream(report)
      case (.finished, let report?):
        // The response is sent; only the log is left for the error.
        report.log(of: stream.requestID)
      case (.finished, nil):
        break
      case (.broken(let failure), let report):
        if let report { report.log(of: stream.requestID) }
        throw failure
      }
    } catch {
      try endBrokenStream(error)
    }
  }

  private func attempt(
    _ action: () throws(LambdaRuntimeError) -> Void
  ) throws(LambdaRuntimeError) {
    do throws(LambdaRuntimeError) {
      try action()
    } catch {
      stream.phase = .broken(error)
      throw error
    }
  }
}
