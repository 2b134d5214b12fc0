// Stands for awslabs/swift-aws-lambda-events in checks of documents. The declarations that documents
// use have the signatures of version 1.5; HTTPRequest.Method is that of apple/swift-http-types.

public enum HTTPRequest {
  public struct Method: Sendable {
    public let rawValue: String
  }
}

public typealias HTTPHeaders = [String: String]

public struct APIGatewayV2Request: Sendable {
  public struct Context: Sendable {
    public struct HTTP: Sendable {
      public let method: HTTPRequest.Method
    }

    public struct Authorizer: Sendable {}

    public struct Authentication: Sendable {
      public struct ClientCert: Sendable {}

      public let clientCert: ClientCert?
    }

    public let domainName: String
    public let http: HTTP
    public let authorizer: Authorizer?
    public let authentication: Authentication?
  }

  public let routeKey: String
  public let rawPath: String
  public let rawQueryString: String
  public let headers: HTTPHeaders
  public let pathParameters: [String: String]
  public let context: Context
  public let body: String?
}
