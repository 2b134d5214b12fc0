import Foundation
import Testing

@testable import LambdaCacheRuntime

@Suite("The local server", .timeLimit(.minutes(10)))
struct LocalServerTests {
  @Test("The local server prints in one line where it listens, on the loopback interface")
  func announcement() async throws {
    try await LocalServing.echoing { server in
      #expect(server.line == "listening on http://127.0.0.1:\(server.port)/invoke")
    }
    try await LocalServing.echoing(
      environment: ["LOCAL_LAMBDA_HOST": "localhost", "LOCAL_LAMBDA_INVOCATION_ENDPOINT": "/a/b"]
    ) { server in
      #expect(server.line == "listening on http://localhost:\(server.port)/a/b")
    }
  }

  @Test("The local server makes a posted event an invocation and answers with the response")
  func invocation() async throws {
    let earliest = LambdaContext.currentMilliseconds + 900_000
    let answer = try await LocalServing.serving { runtime in
      try await runtime.run(as: String.self) { event, context in
        let latest = LambdaContext.currentMilliseconds + 900_000
        #expect((earliest...latest).contains(context.deadlineMilliseconds))
        #expect(LambdaContext.current == context)
        return "\(event) \(context.requestID) \(context.traceID ?? "") \(context.tenantID ?? "")"
      }
    } asking: { server in
      try await LoopbackClient.converse(with: server.port) { client in
        client.send(
          LoopbackClient.post(
            "hello", fields: "X-Amzn-Trace-Id: Root=1\r\nX-Amz-Tenant-Id: blue\r\n"))
        return try client.receive()
      }
    }
    #expect(answer.line == "HTTP/1.1 200 OK")
    #expect(answer.fields["content-type"] == "application/json")
    #expect(answer.fields["x-amz-function-error"] == nil)
    let requestID = try #require(answer.fields["x-amzn-requestid"])
    #expect(UUID(uuidString: requestID) != nil)
    #expect(answer.text == "hello \(requestID) Root=1 blue")
  }

  @Test("The local server answers an error with 200, Lambda's error JSON, and a field for it")
  func handlerError() async throws {
    let answers = try await LocalServing.serving { runtime in
      try await runtime.run { (event: [UInt8], _) in
        if event.isEmpty { throw StreamBroke(errorMessage: "nothing to do") }
        return event
      }
    } asking: { server in
      try await LoopbackClient.converse(with: server.port) { client in
        try ["", "x"].map { body in
          client.send(LoopbackClient.post(body))
          return try client.receive()
        }
      }
    }
    #expect(answers[0].line == "HTTP/1.1 200 OK")
    #expect(answers[0].fields["x-amz-function-error"] == "Unhandled")
    #expect(
      answers[0].text
        == #"{"errorMessage":"nothing to do","errorType":"StreamBroke","stackTrace":[]}"#)
    #expect(answers[1].text == "x")
  }

  @Test(
    "The local server takes an event in chunks, in any pieces", arguments: [1, 3, nil] as [Int?])
  func chunkedEvent(pieceSize: Int?) async throws {
    let event = Array("0\r\n\r\n is no end".utf8)
    let answer = try await LocalServing.echoing { server in
      try await LoopbackClient.converse(with: server.port) { client in
        let head = "POST /invoke HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        client.send(
          Array(head.utf8) + Answer.chunked(event, chunkSize: 4), pieceSize: pieceSize)
        return try client.receive()
      }
    }
    #expect(answer.body == event)
  }

  @Test("The local server takes and gives the largest payload, and refuses one byte more")
  func largePayload() async throws {
    let limit = LambdaRuntime.maximumPayloadByteCount
    let answers = try await LocalServing.serving { runtime in
      try await runtime.run { (event: [UInt8], _) in event.count == 1 ? event + [0] : event }
    } asking: { server in
      try await [limit, limit + 1].asyncMap { count in
        try await LoopbackClient.converse(with: server.port) { client in
          let head = "POST /invoke HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(count)\r\n\r\n"
          client.send(Array(head.utf8) + [UInt8](repeating: 0x20, count: count))
          return try client.receive()
        }
      }
    }
    #expect(answers[0].line == "HTTP/1.1 200 OK")
    #expect(answers[0].body.count == limit)
    #expect(answers[1].line == "HTTP/1.1 413 Content Too Large")
    #expect(answers[1].fields["connection"] == "close")
  }

  @Test("The local server reports a response that is too large as Lambda does")
  func largeResponse() async throws {
    let answer = try await LocalServing.serving { runtime in
      try await runtime.run { (_: [UInt8], _) in
        [UInt8](repeating: 0x20, count: LambdaRuntime.maximumPayloadByteCount + 1)
      }
    } asking: { server in
      try await LoopbackClient.converse(with: server.port) { client in
        client.send(LoopbackClient.post(""))
        return try client.receive()
      }
    }
    #expect(answer.fields["x-amz-function-error"] == "Unhandled")
    #expect(answer.text.contains("Function.ResponseSizeTooLarge"))
  }

  @Test("The local server keeps connections, serves many, and answers pipelined requests in order")
  func keepAlive() async throws {
    let answers = try await LocalServing.echoing { server in
      try await LoopbackClient.converse(with: server.port) { first in
        first.send(LoopbackClient.post("1") + LoopbackClient.post("2", to: "/other"))
        first.send(LoopbackClient.post("3"))
        let early = try [first.receive(), first.receive()]
        return try early + [first.receive()]
      }
    }
    #expect(answers.map(\.line).map { $0.suffix(3) } == [" OK", "und", " OK"])
    #expect(answers[0].text == "1")
    #expect(answers[1].line == "HTTP/1.1 404 Not Found")
    #expect(answers[2].text == "3")
  }

  @Test("The local server serves a client while others are connected and silent, or have gone")
  func otherClients() async throws {
    let answer = try await LocalServing.echoing { server in
      // Two more than the server keeps: the oldest lose their connection.
      let silent = try await [UInt16](repeating: server.port, count: 66).asyncMap { port in
        try await SilentClient(port: port)
      }
      let answer = try await LoopbackClient.converse(with: server.port) { client in
        client.send(LoopbackClient.post("served"))
        return try client.receive()
      }
      for client in silent { client.close() }
      return answer
    }
    #expect(answer.text == "served")
  }

  @Test("The local server goes on when a client has gone before it was answered")
  func goneClient() async throws {
    let answer = try await LocalServing.echoing { server in
      try await LoopbackClient.converse(with: server.port) { client in
        client.send(LoopbackClient.post(String(repeating: "x", count: 5_000_000)))
        client.reset()
      }
      return try await LoopbackClient.converse(with: server.port) { client in
        client.send(LoopbackClient.post("next"))
        return try client.receive()
      }
    }
    #expect(answer.text == "next")
  }

  @Test("The local server gives permission to send a body to a client that waits for it, once")
  func expectContinue() async throws {
    let lines = try await LocalServing.echoing { server in
      try await LoopbackClient.converse(with: server.port) { client in
        client.send(
          "POST /invoke HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
        )
        let permission = try client.receive()
        client.send("bo")
        client.send("dy")
        return try [permission.line, client.receive().text]
      }
    }
    #expect(lines == ["HTTP/1.1 100 Continue", "body"])
  }

  @Test("The local server closes connections of HTTP/1.0 and those whose clients ask for it")
  func closing() async throws {
    let isClosed = try await LocalServing.echoing { server in
      try await [
        LoopbackClient.post("x", fields: "Connection: close\r\n"),
        "POST /invoke HTTP/1.0\r\nContent-Length: 1\r\n\r\nx",
      ].asyncMap { request in
        try await LoopbackClient.converse(with: server.port) { client in
          client.send(request)
          let answer = try client.receive()
          return answer.text == "x" && answer.fields["connection"] == "close"
            && client.isClosedByPeer()
        }
      }
    }
    #expect(isClosed == [true, true])
  }
}

@Suite("The local server refuses", .timeLimit(.minutes(10)))
struct LocalServerRefusalTests {
  @Test(
    "The local server refuses a request that is no invocation, and names what is one",
    arguments: [
      ("GET /invoke HTTP/1.1\r\nHost: localhost\r\n\r\n", "405 Method Not Allowed"),
      ("POST /other HTTP/1.1\r\nHost: localhost\r\n\r\n", "404 Not Found"),
      ("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "404 Not Found"),
      ("nonsense\r\n\r\n", "400 Bad Request"),
      ("POST /invoke HTTP/1.1\r\n\r\n", "400 Bad Request"),
      ("POST /invoke HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", "400 Bad Request"),
      (
        "POST /invoke HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
        "501 Not Implemented"
      ),
      (
        "POST /invoke HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "x", count: 70_000))\r\n\r\n",
        "431 Request Header Fields Too Large"
      ),
    ])
  func refusals(request: String, status: String) async throws {
    let answer = try await LocalServing.serving { runtime in
      try await runtime.run { (event: [UInt8], _) in
        Issue.record("the handler was called")
        return event
      }
    } asking: { server in
      try await LoopbackClient.converse(with: server.port) { client in
        client.send(request)
        return try client.receive()
      }
    }
    #expect(answer.line == "HTTP/1.1 \(status)")
    #expect(answer.text.hasPrefix(#"{"message":""#))
    if status.hasPrefix("405") { #expect(answer.fields["allow"] == "POST") }
  }

  @Test("The local server refuses HEAD without a body, so that the next answer is understood")
  func headRequest() async throws {
    let answers = try await LocalServing.echoing { server in
      try await LoopbackClient.converse(with: server.port) { client in
        client.send("HEAD /invoke HTTP/1.1\r\nHost: localhost\r\n\r\n")
        client.send(LoopbackClient.post("next"))
        return try [client.receiveHead(), client.receive()]
      }
    }
    #expect(answers[0].line == "HTTP/1.1 405 Method Not Allowed")
    #expect(answers[0].fields["content-length"].flatMap { Int($0) } ?? 0 > 0)
    #expect(answers[1].line == "HTTP/1.1 200 OK")
    #expect(answers[1].text == "next")
  }

  @Test("The local server refuses a port that is taken, with the address and the reason")
  func takenPort() async throws {
    try await LocalServing.echoing { server in
      let runtime = try LambdaRuntime(environment: ["LOCAL_LAMBDA_PORT": "\(server.port)"])
      let error = await #expect(throws: LambdaRuntimeError.self) {
        try await runtime.run { (event: [UInt8], _) in event }
      }
      #expect(
        error?.description
          == "local server: 127.0.0.1:\(server.port): bind: Address already in use")
    }
  }
}
