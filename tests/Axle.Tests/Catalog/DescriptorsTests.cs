using Axle.Contracts;
using Axle.Platform.Catalog;

namespace Axle.Tests.Catalog;

public sealed class DescriptorsTests
{
    [Fact]
    public void Several_documents_become_several_entities()
    {
        var read = Descriptors.Read("""
            # a comment alone is no document
            ---
            apiVersion: backstage.io/v1alpha1
            kind: Component
            metadata:
              name: orders
              tags: [node, shop]
              annotations: { example.org/number: "7" }
            spec:
              type: service
              lifecycle: production
              owner: shop
              custom: { kept: [1, true, 2.5, null] }
            ---
            apiVersion: backstage.io/v1alpha1
            kind: API
            metadata: { name: orders-api }
            spec:
              type: openapi
              lifecycle: production
              owner: shop
              definition: |
                openapi: 3.1.0
            """);
        var entities = read.Value.Select(one => one.Entity).ToList();
        Assert.Equal(["component:default/orders", "api:default/orders-api"], entities.Select(entity => entity.Ref.ToString()));
        Assert.Equal("""{"kept":[1,true,2.5,null]}""", entities[0].Spec.GetProperty("custom").GetRawText());
        Assert.Equal("7", entities[0].Metadata.Annotations["example.org/number"]);
        Assert.Equal("openapi: 3.1.0", entities[1].Spec.GetProperty("definition").GetString()!.TrimEnd());
    }

    [Fact]
    public void A_list_in_json_is_read_as_well()
    {
        var read = Descriptors.Read("""[{"apiVersion":"v1","kind":"Domain","metadata":{"name":"a"}},{"apiVersion":"v1","kind":"Domain","metadata":{"name":"b"}}]""");
        Assert.Equal(["a", "b"], read.Value.Select(one => one.Entity.Metadata.Name));
    }

    // text, line, column, path of the first problem
    [Theory]
    [InlineData("kind: Component\nmetadata:\n  name: x\n", 1, 1, "apiVersion")]
    [InlineData("apiVersion: v1\nkind: Component\nmetadata:\n  name: 007\n", 4, 9, "metadata.name")]
    [InlineData("apiVersion: v1\nkind: Component\nmetadata:\n  title: x\n", 4, 3, "metadata.name")]
    [InlineData("apiVersion: v1\nkind: Component\nmetadata:\n  name: x\nspecs: {}\n", 5, 1, "specs")]
    [InlineData("apiVersion: v1\nkind: Component\nmetadata:\n  name: x\nspec: [1]\n", 5, 7, "spec")]
    [InlineData("apiVersion: v1\nkind: Component\nmetadata:\n  name: x\n  tags: tag\n", 5, 3, "metadata.tags")]
    [InlineData("apiVersion: v1\nkind: A\nmetadata: {name: x}\n---\napiVersion: v1\nkind: [B]\nmetadata: {name: y}\n", 6, 7, "kind")]
    [InlineData("just text", 1, 1, null)]
    [InlineData("apiVersion: v1\nkind: A\n\tmetadata: x", 3, 1, null)]
    [InlineData("apiVersion: v1\nkind: A\nkind: B\nmetadata: {name: x}", 3, 1, null)]
    public void A_mistake_is_reported_where_it_stands(string text, int line, int column, string? path)
    {
        var problem = Descriptors.Read(text, "catalog-info.yaml").Error!.Problems[0];
        Assert.Equal(("catalog-info.yaml", (int?)line, (int?)column, path), (problem.File, problem.Line, problem.Column, problem.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("---\n---\n# nothing\n")]
    [InlineData("a: &a [*a]")]
    [InlineData("{")]
    [InlineData("\u0001")]
    [InlineData("? [a]\n: b")]
    [InlineData("--- !!binary x")]
    public void Whatever_is_sent_is_answered_and_never_thrown(string text) => Assert.NotEmpty(Descriptors.Read(text).Error!.Problems);

    [Fact]
    public void An_alias_bomb_is_refused()
    {
        var bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range(1, 12).Select(i => $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        Assert.NotEmpty(Descriptors.Read(bomb).Error!.Problems);
    }

    [Fact]
    public void A_problem_of_the_kind_finds_its_place_also_behind_keys_with_dots()
    {
        var one = Descriptors.Read("apiVersion: v1\nkind: A\nmetadata:\n  name: x\n  annotations:\n    axle.dev/role: king\nspec:\n  dependsOn:\n    - a\n    - b\n").Value[0];
        Assert.Equal((6, 5), (one.Placed(new Problem("x", Path: "metadata.annotations.axle.dev/role")).Line, one.Placed(new Problem("x", Path: "metadata.annotations.axle.dev/role")).Column));
        Assert.Equal(10, one.Placed(new Problem("x", Path: "spec.dependsOn[1]")).Line);
        Assert.Equal(7, one.Placed(new Problem("x", Path: "spec.owner")).Line);
    }

    [Fact]
    public void A_block_at_the_end_of_a_document_has_its_line_end_and_a_name_in_braces_is_a_key()
    {
        var read = Descriptors.Read("apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {name: a}\nspec:\n  hosts:\n    - {{ host }}\n  definition: |\n    text\n---\napiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {name: b}\nspec:\n  definition: |\n    text");

        Assert.True(read.Ok, read.ToString());
        Assert.All(read.Value, described => Assert.Equal("text\n", described.Entity.Spec.GetProperty("definition").GetString()));
        Assert.Equal("""[{"{ host }":null}]""", read.Value[0].Entity.Spec.GetProperty("hosts").GetRawText());
    }
}
