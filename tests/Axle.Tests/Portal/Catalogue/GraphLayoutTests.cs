using Axle.Portal.Graphs;
using CsCheck;

namespace Axle.Tests.Portal.Catalogue;

public sealed class GraphLayoutTests
{
    private const int Most = 40;

    private static readonly Gen<Graph> s_graph =
        from count in Gen.Int[1, Most]
        from pairs in Gen.Select(Gen.Int[0, Most - 1], Gen.Int[0, Most - 1]).List[0, 90]
        select Make(count, [.. pairs.Where(pair => pair.Item1 < count && pair.Item2 < count && pair.Item1 != pair.Item2).Distinct()]);

    [Fact]
    public void No_two_boxes_overlap_and_all_are_in_the_picture() =>
        s_graph.Sample(graph =>
        {
            var picture = GraphLayout.Of(graph);
            var boxes = picture.Boxes.Values.ToList();
            Assert.Equal(graph.Nodes.Count, boxes.Count);
            foreach (var (at, box) in boxes.Index())
            {
                Assert.InRange(box.X, 0, picture.Width - GraphLayout.BoxWidth);
                Assert.InRange(box.Y, 0, picture.Height - GraphLayout.BoxHeight);
                Assert.DoesNotContain(boxes.Skip(at + 1), other => Math.Abs(other.X - box.X) < GraphLayout.BoxWidth && Math.Abs(other.Y - box.Y) < GraphLayout.BoxHeight);
            }
        });

    [Fact]
    public void Without_a_circle_every_arrow_leads_to_the_right() =>
        s_graph.Select(graph => graph with { Edges = [.. graph.Edges.Where(edge => int.Parse(edge.From, null) < int.Parse(edge.To, null))] }).Sample(graph =>
        {
            var picture = GraphLayout.Of(graph);
            Assert.All(picture.Arrows, arrow =>
            {
                Assert.Equal(picture.Boxes[arrow.Edge.From].X + GraphLayout.BoxWidth, arrow.Points[0].X);
                Assert.Equal(picture.Boxes[arrow.Edge.To].X, arrow.Points[^1].X);
                Assert.True(arrow.Points.Zip(arrow.Points.Skip(1)).All(pair => pair.First.X < pair.Second.X));
            });
        });

    [Fact]
    public void An_arrow_begins_and_ends_at_its_boxes_also_in_a_circle() =>
        s_graph.Sample(graph =>
        {
            var picture = GraphLayout.Of(graph);
            Assert.All(picture.Arrows, arrow =>
            {
                Assert.Equal(picture.Boxes[arrow.Edge.From].Y + (GraphLayout.BoxHeight / 2), arrow.Points[0].Y, 6);
                Assert.Equal(picture.Boxes[arrow.Edge.To].Y + (GraphLayout.BoxHeight / 2), arrow.Points[^1].Y, 6);
            });
        });

    [Fact]
    public void The_same_graph_gives_the_same_picture() =>
        s_graph.Sample(graph => Assert.Equal(GraphLayout.Of(graph).Boxes, GraphLayout.Of(graph).Boxes));

    [Fact]
    public void Arrows_that_need_not_cross_do_not()
    {
        // 0 leads to 3 and 1 to 2: in the order of their names they would cross.
        var picture = GraphLayout.Of(Make(4, [(0, 3), (1, 2)]));

        Assert.Equal(picture.Boxes["0"].Y < picture.Boxes["1"].Y, picture.Boxes["3"].Y < picture.Boxes["2"].Y);
    }

    [Fact]
    public void A_chain_as_long_as_a_graph_may_be_is_one_line()
    {
        var picture = GraphLayout.Of(Make(EntityGraph.NodesMax, [.. Enumerable.Range(0, EntityGraph.NodesMax - 1).Select(at => (at, at + 1))]));

        Assert.Single(picture.Boxes.Values.Select(box => Math.Round(box.Y, 3)).Distinct());
        Assert.Empty(GraphLayout.Of(Make(0, [])).Boxes);
    }

    [Fact]
    public void Two_hundred_that_hang_on_one_are_no_tower_and_share_their_way()
    {
        var most = EntityGraph.NodesMax;
        var picture = GraphLayout.Of(Make(most, [.. Enumerable.Range(1, most - 1).Select(at => (at, 0))]));

        Assert.InRange(picture.Height / picture.Width, 0.3, 1.5);
        var heights = picture.Arrows.SelectMany(arrow => arrow.Points).Select(point => (Math.Round(point.X), Math.Round(point.Y))).Distinct().Count();
        Assert.InRange(heights, most, 2 * most);
    }

    private static Graph Make(int count, IReadOnlyList<(int From, int To)> edges) => new(
        [.. Enumerable.Range(0, count).Select(at => new GraphNode($"{at}", $"{at}", "component", null, null))],
        [.. edges.Select(edge => new GraphEdge($"{edge.From}", $"{edge.To}", "needs"))],
        0);
}
