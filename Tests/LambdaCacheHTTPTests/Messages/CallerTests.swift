import Foundation
import LambdaCache
import Testing

@testable import LambdaCacheHTTP

/// An event that names its caller, and whether a gateway authorizes it by that.
struct CallerCase: Sendable, CustomTestStringConvertible {
  enum Kind: Sendable {
    case httpAPI
    case restAPI
    case loadBalancer
    case multiValueLoadBalancer
  }

  let kind: Kind
  let title: String
  /// Members of the request's context, and header fields, in JSON; `@` is the caller.
  let context: String
  let fields: String
  let isAuthorized: Bool

  init(_ kind: Kind, _ title: String, _ context: String, fields: String = "", _ isAuthorized: Bool)
  {
    self.kind = kind
    self.title = title
    self.context = context
    self.fields = fields
    self.isAuthorized = isAuthorized
  }

  var testDescription: String { "\(kind), \(title)" }

  func json(_ caller: String) -> String {
    let context = (self.context.isEmpty ? "" : ", " + self.context)
      .replacing("@", with: caller)
    let single = (["\"host\": \"a.example\""] + (fields.isEmpty ? [] : [fields]))
      .joined(separator: ", ").replacing("@", with: caller)
    let lists = single.replacing(": \"", with: ": [\"").replacing("\",", with: "\"],") + "]"
    return switch kind {
    case .httpAPI:
      """
      {"version": "2.0", "routeKey": "$default", "rawPath": "/me", "rawQueryString": "",
       "headers": {\(single)}, "isBase64Encoded": false,
       "requestContext": {"domainName": "a.example", "stage": "$default",
         "http": {"method": "GET", "path": "/me", "sourceIp": "192.0.2.1"}\(context)}}
      """
    case .restAPI:
      """
      {"resource": "/me", "path": "/me", "httpMethod": "GET", "headers": {\(single)},
       "multiValueHeaders": {\(lists)}, "isBase64Encoded": false,
       "requestContext": {"domainName": "a.example", "stage": "prod", "path": "/prod/me"\(context)}}
      """
    case .loadBalancer:
      """
      {"path": "/me", "httpMethod": "GET", "headers": {\(single)}, "isBase64Encoded": false,
       "body": "", "queryStringParameters": {},
       "requestContext": {"elb": {"targetGroupArn": "arn:x"}}}
      """
    case .multiValueLoadBalancer:
      """
      {"path": "/me", "httpMethod": "GET", "multiValueHeaders": {\(lists)},
       "isBase64Encoded": false, "body": "", "multiValueQueryStringParameters": {},
       "requestContext": {"elb": {"targetGroupArn": "arn:x"}}}
      """
    }
  }

  static let table: [CallerCase] =
    httpAPI + restAPI + headers(.httpAPI) + headers(.restAPI) + headers(.loadBalancer)
    + headers(.multiValueLoadBalancer)

  private static let httpAPI: [CallerCase] = [
    CallerCase(.httpAPI, "nobody", "", false),
    CallerCase(.httpAPI, "null", "\"authorizer\": null, \"authentication\": null", false),
    CallerCase(.httpAPI, "no certificate", "\"authentication\": {\"clientCert\": null}", false),
    CallerCase(
      .httpAPI, "a JWT", "\"authorizer\": {\"jwt\": {\"claims\": {\"sub\": \"@\"}}}", true),
    CallerCase(
      .httpAPI, "a Lambda authorizer", "\"authorizer\": {\"lambda\": {\"a\": \"@\"}}", true),
    CallerCase(
      .httpAPI, "a Lambda authorizer that says nothing",
      "\"authorizer\": {\"lambda\": null}", true),
    CallerCase(
      .httpAPI, "IAM, also for a function URL",
      "\"authorizer\": {\"iam\": {\"userArn\": \"@\", \"cognitoIdentity\": null}}", true),
    CallerCase(
      .httpAPI, "a service that signs, as CloudFront does",
      "\"authorizer\": {\"iam\": {\"accessKey\": \"@\", \"callerId\": \"x\", \"userId\": \"x\"}}",
      true),
    CallerCase(
      .httpAPI, "a certificate",
      "\"authentication\": {\"clientCert\": {\"subjectDN\": \"CN=@\", \"serialNumber\": \"1\"}}",
      true),
    CallerCase(
      .httpAPI, "a certificate of which only the text is told",
      "\"authentication\": {\"clientCert\": {\"clientCertPem\": \"@\"}}", true),
  ]

  private static func identity(_ name: String, _ value: String, _ isAuthorized: Bool) -> CallerCase
  {
    CallerCase(.restAPI, "\(name) \(value)", "\"identity\": {\"\(name)\": \(value)}", isAuthorized)
  }

  private static let restAPI: [CallerCase] =
    [
      CallerCase(.restAPI, "nobody", "", false),
      CallerCase(
        .restAPI, "an authorizer that there is not",
        "\"authorizer\": {\"claims\": null, \"scopes\": null}", false),
      CallerCase(
        .restAPI, "a user pool", "\"authorizer\": {\"claims\": {\"sub\": \"@\"}}", true),
      CallerCase(
        .restAPI, "a Lambda authorizer", "\"authorizer\": {\"principalId\": \"@\"}", true),
      CallerCase(
        .restAPI, "a Lambda authorizer without a name",
        "\"authorizer\": {\"integrationLatency\": 7}", true),
      CallerCase(
        .restAPI, "a certificate",
        "\"identity\": {\"clientCert\": {\"subjectDN\": \"CN=@\"}, \"sourceIp\": \"192.0.2.1\"}",
        true),
    ]
    + [
      "user", "userArn", "caller", "accessKey", "accountId", "apiKey", "apiKeyId",
      "cognitoIdentityId", "cognitoIdentityPoolId", "cognitoAuthenticationType",
      "cognitoAuthenticationProvider", "cognitoAmr", "principalOrgId",
    ].flatMap {
      [identity($0, "\"@\"", true), identity($0, "null", false), identity($0, "\"\"", false)]
    }
    + ["sourceIp", "userAgent", "vpcId", "vpceId"].map { identity($0, "\"192.0.2.1\"", false) }

  private static func headers(_ kind: Kind) -> [CallerCase] {
    [
      "authorization", "X-Api-Key", "x-amzn-oidc-data", "X-Amzn-Oidc-Identity",
      "x-amzn-oidc-accesstoken", "x-amzn-mtls-clientcert", "x-amzn-mtls-clientcert-subject",
      "X-Amzn-Mtls-Clientcert-Serial-Number", "x-amzn-mtls-clientcert-leaf",
      "x-amzn-mtls-clientcert-issuer", "x-amzn-mtls-clientcert-validity",
      "x-amzn-ava-user-context", "x-amzn-lattice-identity", "CloudFront-Viewer-Cert-Subject",
      "x-amzn-Remapped-Authorization", "Client-Cert", "client-cert-chain",
      "x-forwarded-client-cert", "X-Forwarded-User", "x-forwarded-email", "x-auth-request-user",
      "Cf-Access-Jwt-Assertion", "X-Amz-Security-Token", "CloudFront-Viewer-Cert-Serial-Number",
      "cloudfront-viewer-cert-issuer", "cloudfront-viewer-cert-sha256",
      "cloudfront-viewer-cert-pem", "x-goog-iap-jwt-assertion", "X-MS-CLIENT-PRINCIPAL-ID",
      "x-goog-authenticated-user-email",
    ].map { CallerCase(kind, $0, "", fields: "\"\($0)\": \"@\"", true) }
      + [
        "x-amzn-trace-id", "x-amzn-oidc", "x-api-keys", "cookie", "x-forwarded-for",
        "x-amz-date", "x-amzn-lattice-target", "CloudFront-Viewer-Country", "x-client-subject",
      ]
      .map {
        CallerCase(kind, $0, "", fields: "\"\($0)\": \"1\"", false)
      }
  }
}

@Suite("A response for a caller known to a gateway", .timeLimit(.minutes(15)))
struct CallerTests {
  /// Asks for one page as two callers.
  ///
  /// - Returns: What each gets.
  private func ask<Event: Codable & HTTPCacheableRequest>(
    _ type: Event.Type, _ row: CallerCase, cacheControl: String
  ) async throws -> [String?] {
    let caller = LockedValue("")
    let responses = HTTPResponseCache(in: Cache(byteLimit: 1 << 20))
    let handler = cachedHTTP(in: responses) { (_: Event, _: Int) in
      TestResponse(
        httpResponseParts: HTTPResponseParts(
          status: 200, fields: ["cache-control": cacheControl], body: caller.get()))
    }
    var bodies: [String?] = []
    for name in ["alice", "bob"] {
      caller.set(name)
      let event = try JSONDecoder().decode(type, from: Data(row.json(name).utf8))
      bodies.append(try await handler(event, 0).httpResponseParts.body)
    }
    return bodies
  }

  private func ask(_ row: CallerCase, cacheControl: String) async throws -> [String?] {
    switch row.kind {
    case .httpAPI: try await ask(HTTPAPIEvent.self, row, cacheControl: cacheControl)
    case .restAPI: try await ask(RESTAPIEvent.self, row, cacheControl: cacheControl)
    case .loadBalancer, .multiValueLoadBalancer:
      try await ask(LoadBalancerEvent.self, row, cacheControl: cacheControl)
    }
  }

  @Test(
    "A response for a caller known to the gateway is shared only if it permits that",
    arguments: CallerCase.table)
  func callers(_ row: CallerCase) async throws {
    let bodies = try await ask(row, cacheControl: "max-age=86400")
    #expect(bodies == (row.isAuthorized ? ["alice", "bob"] : ["alice", "alice"]))
    #expect(try await ask(row, cacheControl: "public, max-age=86400") == ["alice", "alice"])
    #expect(try await ask(row, cacheControl: "private, max-age=86400") == ["alice", "bob"])
  }

  @Test("A response through one endpoint of a private API is not given through another")
  func endpoints() async throws {
    for name in ["vpceId", "vpcId"] {
      let row = CallerCase(.restAPI, name, "\"identity\": {\"\(name)\": \"@\"}", false)
      #expect(try await ask(row, cacheControl: "public, max-age=86400") == ["alice", "bob"])
    }
  }

  @Test("A response is not given to another caller if the policy names the field of the caller")
  func namedFields() async throws {
    let policy = HTTPCachePolicy.shared.with { $0.callerFields = ["X-Client-Subject"] }
    for (cacheControl, isShared) in [("max-age=86400", false), ("public, max-age=86400", true)] {
      let site = Site(policy) { request in
        HTTPResponseParts(
          status: 200, fields: ["cache-control": cacheControl],
          body: request.fields["x-client-subject"])
      }
      #expect(try await site.get("/", ["x-client-subject": "alice"]).body == "alice")
      let body = try await site.get("/", ["X-CLIENT-SUBJECT": "bob"]).body
      #expect(body == (isShared ? "alice" : "bob"))
    }
  }

  @Test("A response is not given to another caller if only the reader's event type has the field")
  func foreignEvents() async throws {
    let site = Site { request in
      HTTPResponseParts(
        status: 200, fields: ["cache-control": "max-age=86400"],
        body: request.fields["x-amzn-oidc-data"])
    }
    for name in ["alice", "bob"] {
      #expect(try await site.get("/", ["X-Amzn-Oidc-Data": name]).body == name)
    }
  }
}
