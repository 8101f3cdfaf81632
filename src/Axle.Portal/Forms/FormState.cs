using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Platform.Templates.Form;
using Microsoft.AspNetCore.Http;

namespace Axle.Portal.Forms;

/// <summary>A form half-way: the answers so far, and what was typed that no page shows.</summary>
public sealed class FormState(TemplateForm form, Questions questions, JsonObject answers, FormDraft draft)
{
    private const int RoundsMax = 8;

    /// <summary>Begins the name that a host's token has in the draft; no path of an answer begins so.</summary>
    private const string Token = "//token/";

    public TemplateForm Form => form;

    public FormDraft Draft => draft;

    /// <summary>As the form carries them: without secrets and passwords.</summary>
    public JsonObject Answers { get; private set; } = answers;

    /// <summary>Secrets that the template needs and no page asks for: asked for on a page of their own, after the others.</summary>
    public IReadOnlyList<Question> OwnSecrets =>
        [.. form.AskedSecrets.Where(secret => !All().Any(one => (one.Asked == Forms.Asked.Secret && one.Field.Name == secret.Name) || one.TokenKey == secret.Name)).Select(secret => new Question(secret, Forms.Asked.Secret))];

    public int Pages => form.Pages.Count + (OwnSecrets.Count > 0 ? 1 : 0);

    public IReadOnlyList<Question> Page(int page) => page < form.Pages.Count ? questions.Of(form.Asked(page, Answers)) : OwnSecrets;

    public string TitleOf(int page) => page < form.Pages.Count ? form.Pages[page]["title"].Text() ?? (form.Pages.Count == 1 ? "Questions" : $"Page {page + 1}") : "Secrets";

    /// <summary>Whether an answer on this page changes what is asked on it.</summary>
    public bool Depends(int page) => page < form.Pages.Count && form.Pages[page].ToJsonString() is var text && s_conditional.Any(word => text.Contains(word, StringComparison.Ordinal));

    // What a repository is made of depends on its host, and its branches on the repository.
    private static readonly string[] s_conditional = ["\"dependencies\":", "\"if\":", "\"oneOf\":", "\"anyOf\":", "\"RepoUrlPicker\""];

    public void Fill() => Answers = form.Filled(Answers);

    /// <summary>Takes what a page sent. A question that another answer of it brings is read too, if it was there.</summary>
    public void Read(int page, IFormCollection posted)
    {
        var shown = posted["shown"].OfType<string>().ToHashSet(StringComparer.Ordinal);
        var read = new HashSet<string>(StringComparer.Ordinal);
        for (var round = 0; round < RoundsMax; round++)
        {
            var fresh = Page(page).SelectMany(one => one.Leaves).Where(one => shown.Contains(one.Path) && read.Add(one.Path)).ToList();
            foreach (var question in fresh)
            {
                if (question.TokenKey is { } key && posted[question.Name + PostedAnswer.TokenPart].ToString() is { Length: > 0 } token)
                {
                    draft.Values[Token + key] = token;
                }

                if (question.Asked is Forms.Asked.Secret or Forms.Asked.Password)
                {
                    if (posted[question.Name].ToString() is { Length: > 0 } typed)
                    {
                        draft.Values[question.Path] = typed;
                    }
                }
                else if (!question.Fixed)
                {
                    Set(Answers, question.Field.Path, PostedAnswer.Read(question, posted));
                }
            }

            if (fresh.Count == 0)
            {
                break;
            }
        }
    }

    /// <summary>The answers as the template's steps get them. A secret is stars of its length there, as in Backstage.</summary>
    public JsonObject Complete()
    {
        var whole = (JsonObject)Answers.DeepClone();
        foreach (var question in Asked())
        {
            if (draft.Values.TryGetValue(question.Path, out var typed))
            {
                Set(whole, question.Field.Path, question.Asked == Forms.Asked.Secret ? new string('*', typed.Length) : typed);
            }
        }

        return form.Applying(form.Filled(whole));
    }

    public JsonObject Secrets() => new(Asked().Where(one => one.Asked == Forms.Asked.Secret).Concat(OwnSecrets).Select(one => (Name: one.Field.Name, one.Path))
        .Concat(All().Select(one => one.TokenKey).OfType<string>().Select(key => (Name: key, Path: Token + key)))
        .Where(one => draft.Values.ContainsKey(one.Path))
        .DistinctBy(one => one.Name)
        .Select(one => KeyValuePair.Create(one.Name, (JsonNode?)JsonValue.Create(draft.Values[one.Path]))));

    /// <summary>The token that was given for a repository's host, when the question asks for one.</summary>
    public string? TokenOf(Question question) => question.TokenKey is { } key ? draft.Values.GetValueOrDefault(Token + key) : null;

    /// <summary>Puts an empty record at the end of a list.</summary>
    public void AddRecord(IReadOnlyList<string> path)
    {
        if (All(records: true).Any(one => one.Asked == Forms.Asked.Records && one.Field.Path.SequenceEqual(path)))
        {
            if (At(path) is JsonArray list)
            {
                list.Add(new JsonObject());
            }
            else
            {
                Set(Answers, path, new JsonArray(new JsonObject()));
            }
        }
    }

    /// <summary>Takes a record out of its list.</summary>
    public void DropRecord(IReadOnlyList<string> path)
    {
        if (path.Count > 1 && At([.. path.SkipLast(1)]) is JsonArray list && int.TryParse(path[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < list.Count)
        {
            list.RemoveAt(at);
            if (list.Count == 0)
            {
                Set(Answers, [.. path.SkipLast(1)], null);
            }
        }
    }

    /// <summary>The address of the repository that a branch is wanted of: the answer that Backstage's picker looks at, or else the first.</summary>
    public (string? Address, string? Token) Repository()
    {
        var all = All().Where(one => one.Asked == Forms.Asked.Repository).ToList();
        var question = all.FirstOrDefault(one => one.Field.Name == "repoUrl") ?? all.FirstOrDefault();
        return question is null ? (Answers["repoUrl"].Text(), null) : (Value(question).Text(), TokenOf(question));
    }

    /// <summary>What is wrong on a page. Nothing that was typed and may not be shown is in a message.</summary>
    public IReadOnlyList<AnswerProblem> Check(int page) =>
        [.. (page < form.Pages.Count ? form.Check(page, Complete()) : form.CheckSecrets(Secrets())).Select(problem => problem with { Message = draft.Hide(problem.Message) })];

    public JsonNode? Value(Question question) => At(question.Field.Path);

    private JsonNode? At(IReadOnlyList<string> path) => path.Aggregate((JsonNode?)Answers, (at, name) => at switch
    {
        JsonObject record => record[name],
        JsonArray list => Element(list, name),
        _ => null,
    });

    private static JsonNode? Element(JsonArray list, string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < list.Count ? list[at] : null;

    private IEnumerable<Question> Asked() => All().Where(one => one.Asked is Forms.Asked.Secret or Forms.Asked.Password);

    private IEnumerable<Question> All(bool records = false) =>
        Enumerable.Range(0, form.Pages.Count).SelectMany(page => questions.Of(form.Asked(page, Answers))).SelectMany(one => records ? Questions.Whole(one) : one.Leaves);

    /// <summary>The answers that a form carries with it; whatever else came under that name is none.</summary>
    public static JsonObject Parse(string? text)
    {
        try
        {
            return string.IsNullOrEmpty(text) ? [] : JsonNode.Parse(text, documentOptions: new() { AllowDuplicateProperties = false }) as JsonObject ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static void Set(JsonObject record, IReadOnlyList<string> path, JsonNode? value)
    {
        if (path.Count == 1)
        {
            if (value is null)
            {
                record.Remove(path[0]);
            }
            else
            {
                record[path[0]] = value;
            }

            return;
        }

        if (record[path[0]] is JsonArray list)
        {
            // A record that is emptied stays: it has its place in the list.
            if (Element(list, path[1]) is JsonObject item && path.Count > 2)
            {
                Set(item, [.. path.Skip(2)], value);
            }

            return;
        }

        var inner = record[path[0]] as JsonObject ?? [];
        Set(inner, [.. path.Skip(1)], value);
        if (inner.Count == 0)
        {
            record.Remove(path[0]);
        }
        else if (inner.Parent is null)
        {
            record[path[0]] = inner;
        }
    }
}
