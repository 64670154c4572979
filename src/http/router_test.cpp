// From paths to endpoints.
#include "http/router.hpp"

#include <gtest/gtest.h>

namespace http {
namespace {

boost::asio::awaitable<Reply> nothing(const Request&, const Parameters&) {
    co_return Reply{};
}

struct ById {
    core::ProductId id;
};
BOOST_DESCRIBE_STRUCT(ById, (), (id))

core::Result<Nothing> change(store::Tx&, const core::Caller&, const ById&) {
    return Nothing{};
}

class Routes : public ::testing::Test {
protected:
    Routes() {
        api.raw("/v1/products/export", "", nothing);
        api.raw("/v1/products/{product}", "", nothing);
        api.raw("/v1/products/{product}/images", "", nothing);
        api.patch("/v1/products/{id}", everyone, "").writes(change);
        api.raw("/docs/{file...}", "", nothing);
        router.emplace(api);
    }
    std::string path_of(Method method, std::string_view path) {
        auto match = router->find(method, path);
        return match.operation ? match.operation->path : "";
    }
    Api api;
    std::optional<Router> router;
};

TEST_F(Routes, PreferLiteralsAndDecodeParameters) {
    EXPECT_EQ(path_of(Method::get, "/v1/products/export"), "/v1/products/export");
    auto match = router->find(Method::get, "/v1/products/a%20b/images");
    ASSERT_TRUE(match.operation);
    EXPECT_EQ(match.parameters.front().first, "product");
    EXPECT_EQ(match.parameters.front().second, "a b");
}

TEST_F(Routes, NameAParameterByItsOwnOperation) {
    EXPECT_EQ(router->find(Method::patch, "/v1/products/x").parameters.front().first, "id");
    EXPECT_EQ(router->find(Method::get, "/v1/products/x").parameters.front().first, "product");
}

TEST_F(Routes, TellMissingPathsFromMissingMethods) {
    EXPECT_EQ(router->find(Method::post, "/v1/products/x").allowed,
              (std::vector{Method::get, Method::patch}));
    for (std::string_view path :
         {"/", "", "/v1", "/v1/products", "/v1/products/", "/v1/products/x/", "/v1/products//images",
          "//v1/products/x", "/v1/products/%ff", "/v1/products/%"}) {
        auto match = router->find(Method::get, path);
        EXPECT_FALSE(match.operation) << path;
        EXPECT_TRUE(match.allowed.empty()) << path;
    }
}

TEST_F(Routes, HeadFindsWhatGetFinds) {
    EXPECT_EQ(path_of(Method::head, "/docs/a/b.css"), "/docs/{file...}");
}

TEST_F(Routes, TwoClaimsOfOnePathAreABug) {
    api.raw("/v1/products/{other}", "", nothing);
    EXPECT_THROW(Router{api}, std::logic_error);
}

}  // namespace
}  // namespace http
