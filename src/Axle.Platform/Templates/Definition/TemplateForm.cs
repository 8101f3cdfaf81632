using System.Text.Json.Nodes;

namespace Axle.Platform.Templates.Definition;

/// <summary>The form of a template's spec: what Backstage's own schema demands, and no more.</summary>
internal static class TemplateForm
{
    public static JsonObject Schema { get; } = (JsonObject)JsonNode.Parse("""
        {
          "type": "object",
          "required": ["type", "steps"],
          "properties": {
            "type": {"type": "string", "minLength": 1},
            "owner": {"type": "string", "minLength": 1},
            "lifecycle": {"type": "string", "minLength": 1},
            "parameters": {
              "type": ["object", "array"],
              "items": {"$ref": "#/definitions/page"},
              "properties": {"backstage:permissions": {"$ref": "#/definitions/permissions"}}
            },
            "secrets": {"type": "object", "properties": {"schema": {"type": "object"}}},
            "presentation": {
              "type": "object",
              "properties": {
                "buttonLabels": {
                  "type": "object",
                  "properties": {"backButtonText": {"type": "string"}, "createButtonText": {"type": "string"}, "reviewButtonText": {"type": "string"}}
                }
              }
            },
            "EXPERIMENTAL_recovery": {"type": "object", "properties": {"EXPERIMENTAL_strategy": {"type": "string"}}},
            "formDecorators": {"$ref": "#/definitions/decorators"},
            "EXPERIMENTAL_formDecorators": {"$ref": "#/definitions/decorators"},
            "steps": {
              "type": "array",
              "items": {
                "type": "object",
                "required": ["action"],
                "properties": {
                  "id": {"type": "string"},
                  "name": {"type": "string"},
                  "action": {"type": "string"},
                  "input": {"type": "object"},
                  "if": {"type": ["string", "boolean"]},
                  "backstage:permissions": {"$ref": "#/definitions/permissions"}
                }
              }
            },
            "output": {
              "type": "object",
              "properties": {
                "links": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "properties": {
                      "if": {"type": ["string", "boolean"]},
                      "url": {"type": "string", "minLength": 1},
                      "entityRef": {"type": "string", "minLength": 1},
                      "title": {"type": "string", "minLength": 1},
                      "icon": {"type": "string", "minLength": 1}
                    }
                  }
                },
                "text": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "properties": {
                      "if": {"type": ["string", "boolean"]},
                      "title": {"type": "string", "minLength": 1},
                      "icon": {"type": "string", "minLength": 1},
                      "content": {"type": "string"}
                    }
                  }
                }
              },
              "additionalProperties": {"type": "string"}
            }
          },
          "definitions": {
            "page": {"type": "object", "properties": {"backstage:permissions": {"$ref": "#/definitions/permissions"}}},
            "permissions": {"type": "object", "properties": {"tags": {"type": "array", "items": {"type": "string"}}}},
            "decorators": {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}, "input": {"type": "object"}}}}
          }
        }
        """)!;
}
