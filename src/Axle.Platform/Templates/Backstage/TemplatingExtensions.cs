using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Templates.Backstage;

/// <summary>What the template language can do here beyond its own filters.</summary>
internal static class TemplatingExtensions
{
    private static readonly JsonNode s_answer = JsonNode.Parse("""
        {
          "filters": {
            "parseRepoUrl": {
              "description": "The parts of a repository's address, as the repository picker gives it.",
              "schema": {"input": {"type": "string"}, "output": {"type": "object", "properties": {"host": {"type": "string"}, "owner": {"type": "string"}, "repo": {"type": "string"}, "organization": {"type": "string"}, "workspace": {"type": "string"}, "project": {"type": "string"}}}},
              "examples": [{"description": "The name of the repository", "example": "${{ (parameters.repoUrl | parseRepoUrl).repo }}"}]
            },
            "parseEntityRef": {
              "description": "The parts of an entity reference; defaultKind and defaultNamespace stand in for what is not written.",
              "schema": {"input": {"type": "string"}, "arguments": [{"type": "object", "properties": {"defaultKind": {"type": "string"}, "defaultNamespace": {"type": "string"}}}], "output": {"type": "object", "properties": {"kind": {"type": "string"}, "namespace": {"type": "string"}, "name": {"type": "string"}}}},
              "examples": [{"description": "The name of the owner", "example": "${{ (parameters.owner | parseEntityRef).name }}"}]
            },
            "pick": {
              "description": "A member of a value, by its path.",
              "schema": {"input": {}, "arguments": [{"type": "string"}]},
              "examples": [{"description": "The host of a repository's address", "example": "${{ parameters.repoUrl | parseRepoUrl | pick('host') }}"}]
            },
            "projectSlug": {
              "description": "Owner and name of a repository's address, with a slash between them.",
              "schema": {"input": {"type": "string"}, "output": {"type": "string"}},
              "examples": [{"description": "For annotations", "example": "${{ parameters.repoUrl | projectSlug }}"}]
            }
          },
          "globals": {"functions": {}, "values": {}}
        }
        """)!;

    public static IResult Get() => TypedResults.Ok(s_answer);
}
