using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Catalog.Search;
using CsCheck;

namespace Axle.Tests.Catalog.Search;

public sealed class SearchIndexTests
{
    private static readonly HashSet<string> s_all = [];

    // Few letters, so that words meet, begin each other and are one mistake apart.
    private static readonly Gen<string> s_word = Gen.Char["abcd"].Array[1, 9].Select(letters => new string(letters));

    private static readonly Gen<Entity> s_entity =
        from number in Gen.Int[0, 15]
        from kind in Gen.Int[0, 2].Select(place => ((string[])["Component", "API", "System"])[place])
        from name in s_word.Array[1, 3]
        from title in s_word.Array[0, 2]
        from description in s_word.Array[0, 6]
        from tags in s_word.Array[0, 2]
        select Make(kind, $"n{number}", string.Join(' ', [.. name, .. title]), string.Join(", ", description), tags);

    [Theory]
    [InlineData("orders")]
    [InlineData("ORDERS")]
    public void The_best_is_what_has_that_name_then_what_begins_so_then_what_has_the_word_then_what_is_like_it(string term)
    {
        using var index = Filled(
            Make("Component", "similar-ordars"),
            Make("Component", "web", description: "shows all orders"),
            Make("Component", "backend-orders"),
            Make("Component", "orders-worker"),
            Make("System", "orders"));

        Assert.Equal(
            ["system:default/orders Name", "component:default/orders-worker Prefix", "component:default/backend-orders Words", "component:default/web Words", "component:default/similar-ordars Similar"],
            index.Find(term, s_all, 10).Best.Select(one => $"{one.Key} {one.Match}"));
    }

    [Theory]
    [InlineData("chekout")]
    [InlineData("checkuot")]
    [InlineData("ceckout")]
    [InlineData("checkoutt")]
    [InlineData("chaeckut")]
    [InlineData("chekout servce")]
    [InlineData("paymetns")]
    [InlineData("Zürich")]
    [InlineData("zurich")]
    [InlineData("checkout payments")]
    [InlineData("check pay serv")]
    public void A_mistyped_or_begun_word_finds_what_was_meant(string term)
    {
        using var index = Filled(Make("Component", "checkout-service", "Payments Zürich"), Make("Component", "unrelated-thing", "Warehouse"));

        Assert.Equal("component:default/checkout-service", Assert.Single(index.Find(term, s_all, 10).Best).Key);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  -- / ")]
    [InlineData("xyz")]
    [InlineData("checkout nowhere")]
    public void What_fits_nothing_finds_nothing(string term)
    {
        using var index = Filled(Make("Component", "checkout"));

        Assert.Equal((0, 0), (index.Find(term, s_all, 10).Best.Count, index.Find(term, s_all, 10).Total));
    }

    [Fact]
    public void Parts_of_a_name_in_camel_case_are_words()
    {
        using var index = Filled(Make("Component", "CartCheckoutService"));

        Assert.Equal(1, index.Find("checkout", s_all, 10).Total);
        Assert.Equal(1, index.Find("cartcheckout", s_all, 10).Total);
        Assert.Equal(1, index.Find("CartCheckoutService", s_all, 10).Total);
    }

    [Fact]
    public void Only_the_kinds_asked_for_are_found()
    {
        using var index = Filled(Make("Component", "orders"), Make("API", "orders"), Make("System", "orders"));

        Assert.Equal(["api:default/orders"], index.Find("orders", new HashSet<string> { "api" }, 10).Best.Select(one => one.Key));
        Assert.Equal(3, index.Find("orders", s_all, 1).Total);
    }

    [Fact]
    public void Text_that_is_no_text_is_survived()
    {
        using var index = Filled(Make("Component", "odd", "\ud800 half \udc00", new string('x', 100_000) + " \u0301\u0301"));

        Assert.Equal(1, index.Find("half", s_all, 10).Total);
        _ = index.Find("\ud800", s_all, 10);
        _ = index.Find(new string('é', 10_000), s_all, 10);
    }

    [Fact]
    public void An_index_that_followed_changes_answers_as_one_that_was_built_now() =>
        Gen.Select(s_entity.List[0, 40], Gen.Int[0, 15].List[0, 8], s_word.Array[1, 2]).Sample((puts, removals, words) =>
        {
            var all = new Dictionary<EntityRef, Entity>();
            using var followed = new SearchIndex();
            foreach (var entity in puts)
            {
                followed.Put([entity]);
                all[entity.Ref] = entity;
            }

            foreach (var which in removals.SelectMany(number => (EntityRef[])[EntityRef.Of("Component", $"n{number}"), EntityRef.Of("API", $"n{number}")]))
            {
                followed.Remove(which);
                all.Remove(which);
            }

            using var built = Filled([.. all.Values]);
            Assert.Equal(built.Find(string.Join(' ', words), s_all, 20), followed.Find(string.Join(' ', words), s_all, 20), SameResult);
            Assert.Equal((built.Count, built.Words), (followed.Count, followed.Words));
        });

    [Fact]
    public void Whatever_has_all_the_words_or_begins_with_them_is_found() =>
        Gen.Select(s_entity.List[1, 30], s_word.Array[1, 3]).Sample((entities, words) =>
        {
            var all = entities.GroupBy(entity => entity.Ref).Select(group => group.Last()).ToList();
            using var index = Filled([.. all]);
            var found = index.Find(string.Join(' ', words), s_all, 100).Best.Where(one => one.Match != SearchMatch.Similar).Select(one => one.Key).Order();

            // The meaning, said as plainly as can be.
            var wanted = all.Where(entity => SearchIndex.WordsOf(string.Join(' ', words)).All(word => WordsOf(entity).Keys.Any(known =>
                known.StartsWith(word, StringComparison.Ordinal) || (word.Length >= Vocabulary.InsideFrom && known.Contains(word, StringComparison.Ordinal)))));
            Assert.Equal(wanted.Select(entity => entity.Ref.ToString()).Order(), found);
        });

    [Fact]
    public void A_word_with_one_mistake_is_found() =>
        Gen.Select(s_word.Where(word => word.Length >= Typo.OneFrom), s_word.Array[0, 20], Gen.Int[0, 3], Gen.Int[0, 100], Gen.Char["abcde"]).Sample((meant, others, mistake, place, letter) =>
        {
            var typed = Mistyped(meant, mistake, place % meant.Length, letter);
            if (typed.Length < Typo.OneFrom)
            {
                return;
            }

            var vocabulary = new Vocabulary();
            vocabulary.Put(meant, 0, 1);
            foreach (var (at, other) in others.Index())
            {
                vocabulary.Put(other, at + 1, 1);
            }

            var found = new List<(int Number, Likeness Likeness)>();
            vocabulary.Matching(typed, found);
            vocabulary.Near(typed, found);
            Assert.Contains(found, one => vocabulary.PostingsOf(one.Number)[0] >> 8 == 0 || vocabulary.PostingsOf(one.Number).Contains(0u << 8 | 1));
        });

    [Theory]
    [InlineData("check", "checks", 1)]
    [InlineData("chcek", "check", 1)]
    [InlineData("abc", "abd", null)]
    [InlineData("abcd", "abxx", null)]
    [InlineData("abcdefgh", "abcdxxgh", 2)]
    [InlineData("paymnt", "payments", 1)]
    [InlineData("abcde", "abcdexyz", null)]
    public void Mistakes_are_counted(string word, string meant, int? mistakes) => Assert.Equal(mistakes, Typo.Between(word, meant));

    [Fact]
    public void What_fits_is_marked()
    {
        var highlights = Highlights.Of(Make("Component", "checkout", "The Checkout", new string('x', 300) + " takes chekcout orders"), ["checkout"]);

        Assert.Equal([("name", "checkout"), ("title", "Checkout"), ("description", "chekcout")], highlights.Select(one => (one.Field, one.Text.Substring(one.Marks[0].Start, one.Marks[0].Length))));
        Assert.True(highlights[2].Text.Length <= 160);
    }

    private static string Mistyped(string word, int mistake, int place, char letter) => mistake switch
    {
        0 => word.Remove(place, 1),
        1 => word.Insert(place, letter.ToString()),
        2 => word.Remove(place, 1).Insert(place, letter.ToString()),
        _ => place + 1 < word.Length ? word[..place] + word[place + 1] + word[place] + word[(place + 2)..] : word,
    };

    private static bool SameResult(SearchResult a, SearchResult b) => a.Total == b.Total && a.Best.SequenceEqual(b.Best);

    private static SearchIndex Filled(params Entity[] entities)
    {
        var index = new SearchIndex();
        index.Put(entities);
        return index;
    }

    private static Entity Make(string kind, string name, string? title = null, string? description = null, params string[] tags) => new()
    {
        ApiVersion = Kinds.BackstageApi,
        Kind = kind,
        Metadata = new Metadata { Name = name, Title = title, Description = description, Tags = tags },
        Spec = JsonSerializer.SerializeToElement(new { }),
    };

    private static Dictionary<string, SearchFields> WordsOf(Entity entity)
    {
        var words = new Dictionary<string, SearchFields>();
        SearchDocument.Words(entity, words);
        return words;
    }
}
