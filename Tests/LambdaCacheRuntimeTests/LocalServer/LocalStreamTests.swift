import Foundation
import Testing

@testable import LambdaCacheRuntime

@Suite("A response that is streamed locally", .timeLimit(.minutes(10)))
struct LocalStreamTests {
  @Test("A response streamed locally arrives piece by piece, and leaves the connection usable")
  func pieces() async throws {
    let (acknowledgements, acknowledge) = AsyncStream.makeStream(of: Void.self)
    let texts = try await LocalServing.serving { runtime in
      try await runtime.runStreaming { event, _, response in
        try await response.start(contentType: "text/plain")
        for await _ in acknowledgements { break }
        try await response.write(event)
        try await response.write("!")
      }
    } asking: { server in
      try await LoopbackClient.converse(with: server.port) { client in
        try ["one", "two"].flatMap { event in
          client.send(LoopbackClient.post(event))
          // The head is here before the handler writes anything.
          let head = try client.receiveHead()
          acknowledge.yield()
          let message = try client.receiveChunks(after: head)
          return [message.fields["content-type"] ?? "", message.text]
        }
      }
    }
    #expect(texts == ["text/plain", "one!", "text/plain", "two!"])
  }

  @Test("A response that is streamed locally ends with the error in its trailers")
  func midStreamError() async throws {
    let message = try await LocalServing.serving { runtime in
      try await runtime.runStreaming { _, _, response in
        try await response.write("half")
        throw StreamBroke()
      }
    } asking: { server in
      try await LoopbackClient.converse(with: server.port) { client in
        client.send(LoopbackClient.post(""))
        return try client.receive()
      }
    }
    #expect(message.text == "half")
    #expect(
      message.fields["trailer"]
        == "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body")
    #expect(message.trailers["lambda-runtime-function-error-type"] == "Function.StreamBroke")
    let body = try #require(message.trailers["lambda-runtime-function-error-body"])
    #expect(
      Data(base64Encoded: body).map { String(decoding: $0, as: UTF8.self) }?.contains("broke")
        == true)
  }

  @Test("A response streamed locally is an error like any other when it fails before it begins")
  func earlyError() async throws {
    let message = try await LocalServing.serving { runtime in
      try await runtime.runStreaming { _, _, _ in throw StreamBroke() }
    } asking: { server in
      try await LoopbackClient.converse(with: server.port) { client in
        client.send(LoopbackClient.post(""))
        return try client.receive()
      }
    }
    #expect(message.fields["x-amz-function-error"] == "Unhandled")
    #expect(message.fields["content-length"] != nil)
  }

  @Test("A response streamed locally is not chunked for a client of HTTP/1.0")
  func oldClient() async throws {
    let message = try await LocalServing.serving { runtime in
      try await runtime.runStreaming { event, _, response in
        try await response.write(event)
        try await response.write("!")
      }
    } asking: { server in
      try await LoopbackClient.converse(with: server.port) { client in
        client.send("POST /invoke HTTP/1.0\r\nContent-Length: 3\r\n\r\nold")
        return try client.receive()
      }
    }
    #expect(message.fields["transfer-encoding"] == nil)
    #expect(message.text == "old!")
  }

  @Test("A response streamed locally breaks off when its client has gone; others are served")
  func goneClient() async throws {
    let message = try await LocalServing.serving { runtime in
      try await runtime.runStreaming { event, _, response in
        guard event.isEmpty else { return try await response.write(event) }
        let error = await failure {
          while true { try await response.write([UInt8](repeating: 0, count: 65_536)) }
        }
        guard case .connectionLost = error?.reason else {
          Issue.record("\(String(describing: error))")
          return
        }
      }
    } asking: { server in
      try await LoopbackClient.converse(with: server.port) { client in
        client.send(LoopbackClient.post(""))
        _ = try client.receiveHead()
        client.reset()
      }
      return try await LoopbackClient.converse(with: server.port) { client in
        client.send(LoopbackClient.post("next"))
        return try client.receive()
      }
    }
    #expect(message.text == "next")
  }
}
